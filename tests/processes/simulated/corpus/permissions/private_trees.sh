# Programs that walk a tree say what they may not enter.
# needs: root
# user: learner
find private
grep -r secret private
cp -r private /tmp/copy
tar -cf /tmp/private.tar private
echo $?
rm /tmp/private.tar
