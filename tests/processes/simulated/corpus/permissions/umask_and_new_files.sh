# The umask takes bits away from new files.
umask
umask 027
touch a
mkdir b
stat -c '%a %n' a b
umask -S
