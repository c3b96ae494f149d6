# Who has the old file open goes on with it.
exec 3< notes.txt
echo "the new file" > new
mv new notes.txt
cat <&3
cat notes.txt
