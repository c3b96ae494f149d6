# sed -i.bak keeps the old file under another name.
sed -i.bak '1d' notes.txt
cat notes.txt
echo --
cat notes.txt.bak
