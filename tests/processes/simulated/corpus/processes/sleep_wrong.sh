# sleep takes numbers.
sleep 0 && echo slept
sleep x
echo $?
sleep 2> /dev/null; echo $?
