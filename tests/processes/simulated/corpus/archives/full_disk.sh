# /dev/full takes nothing.
echo hello > /dev/full
echo $?
cat notes.txt > /dev/full
echo $?
