# A symlink is a file that holds a path.
ln -s notes.txt n
readlink n
head -n 1 n
stat -c '%F %s' n
