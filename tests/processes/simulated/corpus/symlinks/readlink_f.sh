# readlink -f follows every step.
readlink -f notes.link
readlink -f docs.link/api/../guide.md
readlink notes.txt; echo $?
