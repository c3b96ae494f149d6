# A watchdog: what takes too long is killed.
sleep 60 &
job=$!
(sleep 0.1; kill $job) &
wait $job 2> /dev/null
echo "status $?"
