# rmdir -p removes a path of empty directories.
mkdir -p a/b/c
rmdir -p a/b/c
ls a
