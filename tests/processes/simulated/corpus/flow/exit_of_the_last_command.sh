# A script's status is that of its last command.
echo hello
grep -q whale poem.txt
