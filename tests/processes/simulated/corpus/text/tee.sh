# tee writes what it reads to a file as well.
sort -n numbers.txt | tee sorted.txt | tail -n 1
cat sorted.txt
