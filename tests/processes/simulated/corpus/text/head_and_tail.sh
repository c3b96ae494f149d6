# The first and the last lines.
head -n 2 poem.txt
tail -n 2 poem.txt
head -3 poem.txt | tail -1
