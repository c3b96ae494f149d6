# Reading a file does not change its time.
before=$(stat -c %Y notes.txt)
cat notes.txt > /dev/null
test "$before" = "$(stat -c %Y notes.txt)" && echo unchanged
