# A digest is of the content, whatever the name.
cp notes.txt copy
sha256sum notes.txt copy | cut -c1-16
sha256sum < app.txt
