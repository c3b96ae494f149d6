# @ counts seconds since 1970.
touch -d @86400 f
stat -c '%y %Y' f
ls -l f
