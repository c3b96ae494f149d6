# > truncates a lower file first: none of its data is copied up.
echo "all new" > poem.txt
cat poem.txt
stat -c '%s %a %n' poem.txt
