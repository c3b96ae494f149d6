# A file is no directory.
ls notes.txt/x
cat notes.txt/
mkdir notes.txt/d
touch notes.txt/f
rm notes.txt/f
mv app.txt notes.txt/
ln -s x notes.txt/l
