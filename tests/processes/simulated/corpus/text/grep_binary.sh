# grep does not print binary files.
grep -c abc blocks.bin
grep abc blocks.bin | cat
grep abc blocks.bin > /dev/null; echo $?
