# The name of the file is a word like others.
for n in 1 2 3; do echo $n > "file $n.txt"; done
ls file*
out=list
ls docs > $out
cat "$out"
