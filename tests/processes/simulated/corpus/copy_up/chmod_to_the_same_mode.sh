# chmod copies up even when nothing changes.
chmod 644 notes.txt
stat -c '%a %n' notes.txt
