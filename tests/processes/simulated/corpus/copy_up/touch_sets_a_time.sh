# A new time alone copies the whole file up.
touch -d '2020-01-02 03:04:05' notes.txt
stat -c '%y %n' notes.txt
ls -l notes.txt
