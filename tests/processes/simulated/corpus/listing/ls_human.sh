# -h writes sizes for people.
truncate -s 1500 a
truncate -s 2M b
touch -d 2020-01-01 a b
ls -lh a b
