# A killed job's status is 128 and the signal's number.
sleep 60 &
kill $!
wait $! 2> /dev/null
echo $?
sleep 60 &
kill -KILL $!
wait $! 2> /dev/null
echo $?
