# A umask of 0 takes nothing away, one of 777 everything.
umask 0
mkdir -p x/y
touch x/f
umask 777
touch g
mkdir h
stat -c '%a %n' x x/y x/f g h
