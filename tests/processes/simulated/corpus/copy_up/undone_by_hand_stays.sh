# Writing the old content back does not take the copy away.
cp notes.txt saved.txt
echo "a line too many" >> notes.txt
cat saved.txt > notes.txt
cmp notes.txt saved.txt && echo same
rm saved.txt
