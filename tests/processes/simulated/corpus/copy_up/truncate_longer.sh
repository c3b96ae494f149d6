# Making a lower file longer adds zeros.
truncate -s 40 notes.txt
tr '\0' '.' < notes.txt; echo
stat -c %s notes.txt
