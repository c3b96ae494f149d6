# Each part of a pipe is a subshell of its own.
n=0
cat notes.txt | while read -r line; do n=$((n + 1)); done
echo $n
while read -r line; do n=$((n + 1)); done < notes.txt
echo $n
