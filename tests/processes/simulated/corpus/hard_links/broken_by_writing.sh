# Writing to one name of a lower file breaks the link: the other name keeps the old content.
echo changed >> first.txt
cat first.txt
echo --
cat second.txt
