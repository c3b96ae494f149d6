# Renaming a symlink moves the link, not what it points to.
mv notes.link n.link
readlink n.link
cat n.link
ls notes.link
