# < reads from a file.
wc -l < notes.txt
sort < numbers.txt | head -n 1
while read -r first rest; do echo "$rest/$first"; done < notes.txt
