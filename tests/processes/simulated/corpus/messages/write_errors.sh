# Programs notice that a disk is full.
echo hello > /dev/full
cat notes.txt > /dev/full
ls > /dev/full
echo $?
