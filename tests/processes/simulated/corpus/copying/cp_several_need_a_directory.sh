# Several files can only be copied into a directory.
cp notes.txt app.txt poem.txt 2> /dev/null
echo $?
head -n 1 poem.txt
