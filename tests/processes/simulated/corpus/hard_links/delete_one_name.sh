# Deleting one name leaves the other, and its count as it was.
rm first.txt
cat second.txt
stat -c %h second.txt
