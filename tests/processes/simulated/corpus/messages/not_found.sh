# The shell says when it finds no program.
nosuchprogram
/bin/nosuchprogram
./nosuchscript
echo $?
