# tar -tv shows modes, owners, sizes and times.
tar -cf a.tar notes.txt greet.sh notes.link
tar -tvf a.tar
rm a.tar
