# xargs makes arguments of what it reads.
echo notes.txt app.txt | xargs wc -l
printf '%s\n' a b c | xargs -n 2 echo
ls *.csv data | xargs -I {} echo "<{}>"
