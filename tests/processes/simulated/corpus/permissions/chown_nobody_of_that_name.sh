# chown knows only users that are there.
chown nosuchuser notes.txt
echo $?
chown :nosuchgroup notes.txt
echo $?
