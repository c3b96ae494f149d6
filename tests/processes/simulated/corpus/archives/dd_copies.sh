# dd copies blocks; status=noxfer leaves the speed out.
dd if=blocks.bin of=part bs=1024 count=3 status=noxfer
stat -c %s part
dd if=blocks.bin of=rest bs=1024 skip=8 2> /dev/null
stat -c %s rest
