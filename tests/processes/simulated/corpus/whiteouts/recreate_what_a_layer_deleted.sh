# A name that a lower layer deleted is free again.
echo "new trash" > trash.txt
cat trash.txt
