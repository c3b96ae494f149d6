# A file renamed and renamed back is an ordinary copy.
mv notes.txt away
mv away notes.txt
cat notes.txt
