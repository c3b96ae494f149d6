# sed says where in its script something is wrong.
sed 's/a/b' notes.txt
sed k notes.txt
sed 's/a/b/x' notes.txt
sed p nowhere
echo $?
