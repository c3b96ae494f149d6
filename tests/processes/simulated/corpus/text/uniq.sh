# uniq joins equal neighbours.
sort -n numbers.txt | uniq
sort -n numbers.txt | uniq -c
sort -n numbers.txt | uniq -d
