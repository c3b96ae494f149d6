# & starts a command beside the script, wait waits for it.
(echo working; exit 3) &
wait $!
echo "status $?"
