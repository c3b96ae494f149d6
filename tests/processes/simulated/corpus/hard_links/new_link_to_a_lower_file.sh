# A new link copies the file up, and both names are one file.
ln notes.txt link.txt
echo more >> link.txt
tail -n 1 notes.txt
stat -c %h notes.txt
