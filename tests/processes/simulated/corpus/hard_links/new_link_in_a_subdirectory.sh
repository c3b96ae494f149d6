# A link may lie in another directory.
ln notes.txt docs/notes.txt
rm notes.txt
cat docs/notes.txt
stat -c %h docs/notes.txt
