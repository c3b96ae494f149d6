# ls sorts by name, capital letters first, and hides dot files.
touch B a .c _d
ls
ls -A
