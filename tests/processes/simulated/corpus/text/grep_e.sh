# Several patterns, and one that begins with a dash.
grep -e port -e host config.ini
echo "-n is an option" | grep -e -n
grep -m 1 e poem.txt
