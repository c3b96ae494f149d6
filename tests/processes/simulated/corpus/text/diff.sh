# diff says what differs, and its status that something does.
sed 's/second/2nd/' notes.txt > changed
diff notes.txt changed
echo $?
diff notes.txt notes.txt && echo same
