# A new directory deleted and made again has nothing to hide.
mkdir fresh
rmdir fresh
mkdir fresh
ls -d fresh
