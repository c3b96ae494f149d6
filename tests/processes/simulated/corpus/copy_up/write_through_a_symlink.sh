# Writing through a symlink copies up what it points to, not the link.
echo "fourth line" >> notes.link
tail -n 2 notes.txt
readlink notes.link
