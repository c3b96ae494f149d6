# -type tells files, directories and links.
find . -maxdepth 1 -type d | sort
find . -maxdepth 1 -type l | sort
find . -type p
