# A file cannot replace a directory.
mv -T app.txt docs
echo $?
