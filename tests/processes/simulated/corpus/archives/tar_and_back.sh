# tar packs a tree; unpacked, it has the modes and times it had.
tar -cf docs.tar docs
mkdir out
tar -xf docs.tar -C out
find out | sort
stat -c '%a %Y' out/docs/guide.md
rm docs.tar
