# Appending to a file of a lower layer copies the whole file up.
echo "fourth line" >> notes.txt
cat notes.txt
wc -l notes.txt
