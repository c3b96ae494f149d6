# After -- nothing is an option.
touch -- -f
ls -- -f
rm -- -f
rm -f -- -f
echo $?
cat -- notes.txt
