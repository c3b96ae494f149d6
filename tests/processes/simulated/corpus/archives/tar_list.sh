# tar -t lists what is in an archive.
tar -cf a.tar notes.txt app.txt data/a.csv
tar -tf a.tar
rm a.tar
