# cmp says where two files differ.
cp notes.txt copy
cmp notes.txt copy && echo same
echo more >> copy
cmp -s notes.txt copy || echo different
