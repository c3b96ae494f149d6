# mkdir -m sets the mode, whatever the umask.
umask 077
mkdir private2
mkdir -m 755 open
mkdir -m 1777 both
stat -c '%a %n' private2 open both
