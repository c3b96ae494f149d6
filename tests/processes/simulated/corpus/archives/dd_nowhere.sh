# dd says what it cannot open.
dd if=nowhere of=x
echo $?
ls x
