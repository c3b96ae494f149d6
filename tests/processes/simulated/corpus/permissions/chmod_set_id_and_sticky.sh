# The set-id bits and the sticky bit show in ls.
touch a b
mkdir c
chmod 4755 a
chmod 2755 b
chmod 1777 c
stat -c '%A %a %n' a b c
chmod u-s a
stat -c %a a
