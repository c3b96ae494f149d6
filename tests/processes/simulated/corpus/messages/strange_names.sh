# Messages quote names that need it.
cat "no such file"
ls "it's not here"
rm 'a"b' 'c$d'
mkdir 'two words.txt'
cat "two words"
