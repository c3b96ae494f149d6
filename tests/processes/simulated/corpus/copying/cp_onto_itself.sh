# cp sees that both names are the same file.
cp app.txt app.txt
echo $?
cp first.txt second.txt
echo $?
