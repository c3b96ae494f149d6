# test complains about what it cannot compare: status 2.
[ a -eq 1 ]; echo $?
[ 1 -eq ]; echo $?
test a b c d e; echo $?
[ 1 = 1; echo $?
