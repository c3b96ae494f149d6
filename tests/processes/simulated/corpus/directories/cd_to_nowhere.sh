# cd fails where there is no directory.
cd nowhere
echo $?
cd notes.txt || echo "not a directory either"
pwd
