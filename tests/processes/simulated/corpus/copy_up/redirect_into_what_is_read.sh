# The shell truncates a file before the program can read it.
sort numbers.txt > numbers.txt
wc -c numbers.txt
