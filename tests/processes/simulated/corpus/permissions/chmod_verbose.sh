# chmod -v and -c say what changed.
chmod -v 600 notes.txt
chmod -v 600 notes.txt
chmod -c 600 notes.txt
chmod -c 644 notes.txt
