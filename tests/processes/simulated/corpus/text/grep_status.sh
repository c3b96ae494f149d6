# grep's exit status: 0 found, 1 not found, 2 trouble.
grep -q layer poem.txt; echo $?
grep -q whale poem.txt; echo $?
grep whale nowhere; echo $?
grep -s whale nowhere; echo $?
