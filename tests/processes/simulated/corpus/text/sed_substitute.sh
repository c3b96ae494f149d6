# s replaces the first match, g all of them.
sed 's/e/E/' notes.txt
sed 's/e/E/g' notes.txt
sed 's/line/[&]/' notes.txt
sed 's/\(.*\) \(.*\)/\2 \1/' notes.txt
