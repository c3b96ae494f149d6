# A file may take the place of a deleted directory.
rm -r docs
echo "no more docs" > docs
cat docs docs.link
