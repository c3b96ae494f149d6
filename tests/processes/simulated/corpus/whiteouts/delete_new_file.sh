# Deleting a file that only the upper layer had leaves nothing.
echo temporary > scratch
rm scratch
ls scratch
