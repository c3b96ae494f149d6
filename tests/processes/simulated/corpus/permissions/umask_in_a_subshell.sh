# A subshell's umask ends with it.
(umask 077; touch secret; umask)
umask
touch open
stat -c '%a %n' secret open
