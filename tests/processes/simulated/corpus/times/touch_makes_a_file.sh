# touch makes an empty file, or sets the time of one that is there.
touch new.txt
stat -c '%s %F' new.txt
touch notes.txt
test notes.txt -nt poem.txt && echo newer
