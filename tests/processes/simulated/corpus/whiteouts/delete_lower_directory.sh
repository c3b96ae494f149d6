# rm -r of a whole lower directory leaves one whiteout.
rm -r docs
ls docs
test -d docs; echo $?
