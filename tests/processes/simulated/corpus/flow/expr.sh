# expr computes and compares.
expr 2 + 3
expr 6 \* 7
expr 1 = 2; echo $?
expr length hello 2> /dev/null
expr abc : 'a\(.*\)'
