# ln makes another name of the symlink itself.
ln notes.link again.link
readlink again.link
stat -c '%h %F' again.link
