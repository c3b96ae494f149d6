# cat joins files; a copy is a new file in the upper layer.
cat notes.txt "no newline.txt" app.txt > all.txt
wc all.txt
tail -n 1 all.txt
