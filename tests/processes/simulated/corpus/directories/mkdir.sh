# A new directory is empty and has the mode that the umask leaves.
mkdir box
ls -A box
stat -c '%a %F' box
