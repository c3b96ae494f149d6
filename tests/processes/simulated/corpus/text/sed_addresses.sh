# Addresses choose lines.
sed -n 2p notes.txt
sed '1,2d' notes.txt
sed -n '/layer/p' poem.txt
sed '$d' notes.txt
sed '/second/s/line/LINE/' notes.txt
