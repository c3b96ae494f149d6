# chmod breaks a hard link as writing does.
chmod 600 hardlinks/left
stat -c '%a %h %n' hardlinks/left hardlinks/right
