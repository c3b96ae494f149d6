# A job that catches a signal ends as it likes.
sh -c 'trap "echo bye; exit 7" TERM; echo ready > ready; while :; do sleep 0.05; done' &
while ! [ -s ready ]; do sleep 0.05; done
kill $!
wait $!
echo $?
