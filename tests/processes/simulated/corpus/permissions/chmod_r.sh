# chmod -R changes a whole tree, and so copies all of it up.
chmod -R go-rwx docs
find docs -perm 700 | sort
find docs -perm 600 | sort
