# A symbolic mode for mkdir -m changes 777, not what the umask leaves.
mkdir -m g-w a
mkdir -m u=rwx,g=rx b
mkdir -m o= c
stat -c '%a %n' a b c
