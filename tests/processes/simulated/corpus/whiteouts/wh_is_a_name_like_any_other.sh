# A file named .wh.notes.txt deletes nothing on a mount.
touch .wh.notes.txt
ls -a | grep notes
