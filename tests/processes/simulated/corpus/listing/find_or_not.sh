# Tests are joined by and, -o and !.
find . -maxdepth 1 \( -name 'a*' -o -name 'n*' \) ! -type l | sort
