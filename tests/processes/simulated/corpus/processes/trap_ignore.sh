# An empty trap ignores a signal.
trap '' INT
kill -INT $$
echo still running
trap
