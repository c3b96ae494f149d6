# grep prints the lines that match.
grep layer poem.txt
grep -n you poem.txt
grep -c you poem.txt
grep -i THE poem.txt
grep -v e poem.txt
