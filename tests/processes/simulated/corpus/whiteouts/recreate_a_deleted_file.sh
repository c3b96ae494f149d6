# A file that is created again replaces its whiteout.
rm poem.txt
echo "a new poem" > poem.txt
cat poem.txt
stat -c '%a %h' poem.txt
