# -c counts bytes.
head -c 5 notes.txt; echo
tail -c 5 notes.txt
