# -o prints only what matches, -A and -B the lines around it.
grep -o 'layer[a-z]*' poem.txt
grep -A1 failed /var/log/boot.log
grep -B1 -A1 failed /var/log/boot.log
