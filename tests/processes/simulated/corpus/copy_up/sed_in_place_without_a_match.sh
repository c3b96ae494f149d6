# sed -i rewrites a file even when nothing matches.
sed -i 's/no such word/x/' poem.txt
head -n 1 poem.txt
