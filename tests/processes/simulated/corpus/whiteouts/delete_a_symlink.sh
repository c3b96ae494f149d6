# Deleting a symlink leaves a whiteout of the link; its target stays.
rm notes.link docs.link
cat notes.txt
ls docs
