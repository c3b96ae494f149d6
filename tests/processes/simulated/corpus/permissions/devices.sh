# Root may make device files; 0/0 is the whiteout, and not allowed.
# needs: root
mknod zero c 1 5
stat -c '%F %t:%T %a' zero
mknod deleted c 0 0
echo $?
