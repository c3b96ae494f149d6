# - is the standard input.
echo between | cat app.txt - notes.txt
cat < app.txt
