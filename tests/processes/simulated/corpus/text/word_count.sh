# A pipeline that counts words.
tr -cs 'A-Za-z' '\n' < poem.txt | tr A-Z a-z | sort | uniq -c | sort -rn | head -n 4
