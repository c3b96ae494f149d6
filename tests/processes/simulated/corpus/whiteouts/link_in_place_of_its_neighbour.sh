# A link takes the place of a file and points to the one beside it.
rm docs/guide.md
ln -s changes.md docs/guide.md
cat docs/guide.md
rm docs/guide.md
ls docs
