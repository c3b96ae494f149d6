# find says what it cannot find, and goes on.
find nowhere docs -maxdepth 0
echo $?
