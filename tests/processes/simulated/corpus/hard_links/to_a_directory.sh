# A directory has no hard links.
ln docs docs2
echo $?
