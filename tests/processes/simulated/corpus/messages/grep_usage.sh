# grep has its own way of complaining.
grep 2> /dev/null; echo $?
grep -E '(' notes.txt; echo $?
