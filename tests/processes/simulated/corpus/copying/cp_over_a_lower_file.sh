# cp over a file keeps that file and replaces what is in it.
chmod 640 app.txt
cp notes.txt app.txt
cat app.txt
stat -c %a app.txt
