# while read goes through lines, also the last without a newline.
while IFS= read -r line || [ -n "$line" ]; do
  echo "<$line>"
done < "no newline.txt"
printf '  a  b\\t \n' | { read x; echo "<$x>"; }
printf '  a  b\\t \n' | { IFS= read -r x; echo "<$x>"; }
