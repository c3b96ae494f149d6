# mv -b keeps what it would replace.
mv -b app.txt poem.txt
cat poem.txt
head -n 1 poem.txt~
