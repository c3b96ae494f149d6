# test compares texts and numbers.
[ a = a ] && echo same
[ a != b ] && echo different
[ 10 -gt 9 ] && echo greater
[ -n "" ] || echo empty
[ -z "" -a 1 -eq 1 ] && echo both
[ ! -e nowhere -o -d nowhere ] && echo either
test notes && echo not empty
