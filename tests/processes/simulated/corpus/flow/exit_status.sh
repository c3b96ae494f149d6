# Every command has a status; $? is the last one.
true; echo $?
false; echo $?
ls nowhere 2> /dev/null; echo $?
sh -c 'exit 7'; echo $?
nosuchprogram; echo $?
./notes.txt; echo $?
