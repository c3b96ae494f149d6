# Two files read line by line, side by side.
exec 3< notes.txt 4< poem.txt
while read -r a <&3 && read -r b <&4; do echo "$a | $b"; done
