# Deleting a name that a middle layer had deleted before leaves nothing: no whiteout is needed.
echo "new trash" > trash.txt
rm trash.txt
ls trash.txt
