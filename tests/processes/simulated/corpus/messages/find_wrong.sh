# find says which test it does not know.
find . -nosuchtest
echo $?
find . -name
echo $?
find . -type z
echo $?
