# tr translates and deletes characters.
tr a-z A-Z < app.txt
tr -d aeiou < app.txt
tr -s ' ' < /var/log/boot.log | head -n 1
echo "a  b   c" | tr -s ' ' '\n'
