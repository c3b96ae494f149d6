# mkdir needs the directory above.
mkdir a/b/c
mkdir notes.txt/sub
echo $?
