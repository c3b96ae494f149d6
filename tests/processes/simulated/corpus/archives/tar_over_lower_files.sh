# Unpacking over lower files replaces them.
echo "old" > old.txt
tar -cf t.tar notes.txt app.txt
echo "changed" > notes.txt
rm app.txt
tar -xf t.tar
cat notes.txt app.txt
rm t.tar
