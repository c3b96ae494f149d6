# After copy-up each name is a file of its own; the lower one still counts two.
echo changed >> first.txt
stat -c '%h %n' first.txt second.txt
test first.txt -ef second.txt || echo no longer the same
