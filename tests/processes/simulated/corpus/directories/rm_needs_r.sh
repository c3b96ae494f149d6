# rm alone removes no directory.
rm docs
rm -d empty && echo "-d removes an empty one"
rm -d docs
echo $?
