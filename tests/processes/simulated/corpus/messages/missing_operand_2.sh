# More programs without the operands they need.
cut
tr
stat
basename
dirname
readlink
sleep
truncate
mkfifo
