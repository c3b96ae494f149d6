# wait without a number waits for all, and succeeds.
echo one > a &
echo two > b &
wait
echo $?
cat a b
