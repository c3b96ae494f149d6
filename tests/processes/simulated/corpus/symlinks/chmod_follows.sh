# chmod changes what a link points to.
chmod 600 notes.link
stat -c '%a %n' notes.txt
stat -c '%a %n' notes.link
