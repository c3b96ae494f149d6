# Numbers that are none.
head -n x notes.txt
tail -n x notes.txt
head -c 1z notes.txt
cut -f 0 notes.txt
truncate -s x notes.txt
seq x
