# An open file outlives its name.
exec 3< notes.txt
rm notes.txt
ls notes.txt
cat <&3
