# truncate sets a size, relatively too.
truncate -s 5 notes.txt
cat notes.txt; echo
truncate -s +3 notes.txt
stat -c %s notes.txt
truncate -s 1K new
stat -c %s new
truncate -s 0 app.txt
stat -c %s app.txt
