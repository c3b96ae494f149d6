# touch -m leaves the access time alone.
touch -d '2001-01-01' f
touch -m -d '2002-02-02' f
stat -c '%x' f
stat -c '%y' f
