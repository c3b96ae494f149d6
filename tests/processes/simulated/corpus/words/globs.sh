# A pattern stands for the names that match, sorted.
echo *.txt
echo ?????.txt
echo docs/*.md
echo [a-c]*
echo [!a-z]*
