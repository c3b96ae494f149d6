# cp -a copies a tree with modes, times and links.
cp -a docs backup
find backup -type f | sort
stat -c '%y' backup backup/guide.md
