# -perm and -user look at the inode.
find . -perm 600 | sort
find . -type f -perm -100 | sort
find . -user root -name 'app*'
