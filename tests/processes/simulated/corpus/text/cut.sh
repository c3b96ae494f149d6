# cut takes columns out of lines.
cut -d, -f1 data/a.csv
cut -d: -f1,3 /etc/passwd
cut -c1-5 notes.txt
