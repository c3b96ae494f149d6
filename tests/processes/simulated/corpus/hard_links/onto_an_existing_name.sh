# ln does not replace a file unless told to.
ln notes.txt app.txt
echo $?
ln -f notes.txt app.txt
cat app.txt
