# Opening a lower file for writing copies it up, though nothing is written.
: >> notes.txt
exec 3<> poem.txt
exec 3>&-
cat notes.txt
