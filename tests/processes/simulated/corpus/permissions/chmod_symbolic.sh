# Symbolic modes add, take and set bits.
chmod u+x,go-r notes.txt
stat -c '%A %n' notes.txt
chmod a=r notes.txt
chmod u=rw,g+w notes.txt
stat -c '%A %a' notes.txt
