# sort -o may write to the file it reads.
sort -n -o numbers.txt numbers.txt
cat numbers.txt
