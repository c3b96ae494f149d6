# Writing through a link to a directory changes the directory it points to.
echo "via a link" > docs.link/new.md
cat docs/new.md
ls -l docs.link
