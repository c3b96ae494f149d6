# ls -l lines its columns up.
head -c 100000 /dev/zero > big
touch -d 2001-02-03 big
ln first.txt third.txt
touch -d 2001-02-03 first.txt
ls -l big first.txt empty.txt
