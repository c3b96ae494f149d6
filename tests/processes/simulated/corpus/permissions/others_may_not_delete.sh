# Deleting a file takes the right to write to its directory.
# needs: root
# user: learner
rm -f notes.txt
mv notes.txt moved.txt
mkdir new
rmdir empty
touch new.txt
echo $?
