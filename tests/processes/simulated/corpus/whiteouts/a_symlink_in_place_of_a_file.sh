# A symlink may take the place of a deleted file.
rm notes.txt
ln -s poem.txt notes.txt
head -n 1 notes.txt notes.link
