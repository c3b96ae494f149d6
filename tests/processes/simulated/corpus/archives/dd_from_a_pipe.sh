# dd reads its input where no file is named.
echo hello | dd bs=1 count=4 status=none; echo
echo hello | dd conv=ucase status=none
