# A shell that is killed by a signal has no trap to run.
sh -c 'kill -HUP $$; echo not reached'
echo $?
sh -c 'trap "echo bye" EXIT; kill -TERM $$'
echo $?
