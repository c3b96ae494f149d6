# Deleting a lower file leaves a whiteout.
rm notes.txt
ls notes.txt
cat notes.link
