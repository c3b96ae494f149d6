# mv sees that both names are one file, and leaves them alone.
mv first.txt second.txt
ls first.txt
cat second.txt
stat -c %h second.txt
