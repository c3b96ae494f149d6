# A relative target starts at the link's directory.
ln -s guide.md docs/start.md
cat docs/start.md
ln -s docs/guide.md docs/wrong.md
cat docs/wrong.md
