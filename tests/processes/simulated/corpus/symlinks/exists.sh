# ln -s does not replace a file unless told to.
ln -s poem.txt app.txt
echo $?
cat app.txt
