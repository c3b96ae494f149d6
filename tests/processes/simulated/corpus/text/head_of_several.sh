# Several files get a heading each, unless -q.
head -n 1 notes.txt app.txt
head -q -n 1 notes.txt app.txt
tail -n 1 nowhere notes.txt
echo $?
