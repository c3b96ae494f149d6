# Each new name counts.
touch f
for n in 1 2 3 4 5; do ln f f$n; done
stat -c %h f
rm f1 f2 f3
stat -c %h f4
