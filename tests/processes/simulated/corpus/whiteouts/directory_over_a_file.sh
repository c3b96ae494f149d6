# A directory that lay over a lower file: deleting it does not bring the file back.
cat plain/inside.txt
rm -r plain
cat plain
