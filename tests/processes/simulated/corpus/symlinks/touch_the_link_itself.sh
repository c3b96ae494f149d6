# touch -h changes the link's own time, and copies only the link up.
touch -h -d '2018-05-06 00:00:00' notes.link
stat -c '%y' notes.link
