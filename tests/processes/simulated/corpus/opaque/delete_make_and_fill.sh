# An opaque directory shows only what is put into it.
rm -rf docs
mkdir docs
echo "# New guide" > docs/guide.md
cat docs/guide.md
ls docs
