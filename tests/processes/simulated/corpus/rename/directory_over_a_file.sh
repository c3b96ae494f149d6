# A directory cannot replace a file.
mkdir dir
mv dir app.txt
echo $?
