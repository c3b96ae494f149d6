# Deleting a changed file takes the copy away and leaves a whiteout.
echo more >> poem.txt
rm poem.txt
test -e poem.txt || echo gone
