# dd has operands instead of options.
dd if=notes.txt of=docs
dd bs=x
dd what=ever
echo $?
