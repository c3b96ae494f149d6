# cp -r copies what is merged, not the layers.
cp -r data more
ls -A more
cat more/c.csv
