# Reading a file of a lower layer leaves nothing in the upper one.
cat notes.txt poem.txt > /dev/null
head -n 1 docs/api/v1/calls.md
wc -c < blocks.bin
sha256sum blocks.bin
