# sort by bytes, by number, backwards, each once.
sort numbers.txt
sort -n numbers.txt
sort -rn numbers.txt
sort -nu numbers.txt
