# dd with conv=notrunc changes a few bytes, and the whole file is copied up.
printf 'XYZ' | dd of=notes.txt bs=1 seek=6 conv=notrunc status=none
cat notes.txt
