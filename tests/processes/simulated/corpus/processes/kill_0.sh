# kill -0 only asks whether a process is there.
sleep 60 &
pid=$!
kill -0 $pid && echo running
kill $pid
wait $pid 2> /dev/null
kill -0 $pid 2> /dev/null || echo gone
