# Many programs in a row.
cat poem.txt | grep -v '^$' | cut -d' ' -f1 | tr A-Z a-z | sort | uniq -c | sort -rn | head -n 2
