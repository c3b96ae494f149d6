# head -n -2 leaves the last two out, tail -n +3 begins at the third.
head -n -6 poem.txt
echo --
tail -n +8 poem.txt
