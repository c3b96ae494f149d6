# An assignment has the status of the command in it.
x=$(cat nowhere)
echo $?
x=$(false) || echo failed
