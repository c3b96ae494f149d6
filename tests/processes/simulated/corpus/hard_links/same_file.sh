# Two names of a lower file are one file.
stat -c '%h %n' first.txt second.txt
test first.txt -ef second.txt && echo same file
