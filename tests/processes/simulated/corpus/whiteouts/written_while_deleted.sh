# What is written to a deleted file goes nowhere.
exec 3>> poem.txt
rm poem.txt
echo "one more" >&3
exec 3>&-
ls poem.txt
