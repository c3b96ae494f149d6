# wait and kill find nobody of a number that is not there.
wait 99999
echo $?
kill 99999
echo $?
