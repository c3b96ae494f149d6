# rm -v says what it removed.
mkdir box
touch box/a
rm -rv box
rm -v notes.txt
