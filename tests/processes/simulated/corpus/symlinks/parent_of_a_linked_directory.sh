# .. in a path is the parent of the directory, not of the link.
ln -s docs/api/v1 v1
cat v1/../index.md
echo new > v1/../new.md
ls docs/api
