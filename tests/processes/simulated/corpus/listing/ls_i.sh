# Two names of one file have one inode number; copy-up keeps a file's number.
before=$(stat -c %i notes.txt)
echo more >> notes.txt
test "$before" = "$(stat -c %i notes.txt)" && echo "the same inode"
set -- $(ls -i first.txt second.txt)
test "$1" = "$3" && echo "one inode"
