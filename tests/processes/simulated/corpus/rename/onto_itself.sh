# mv knows when both names are the same file.
mv app.txt app.txt
echo $?
mv app.txt ./app.txt
echo $?
