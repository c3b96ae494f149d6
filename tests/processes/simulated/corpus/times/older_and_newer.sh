# -nt and -ot compare times; a missing file is oldest.
touch -d 2020-01-01 a
touch -d 2021-01-01 b
[ b -nt a ] && echo b is newer
[ a -ot b ] && echo a is older
[ a -nt nowhere ] && echo newer than nothing
