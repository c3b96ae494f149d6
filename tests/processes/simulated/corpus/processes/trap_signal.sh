# A trap for a signal runs in its place.
trap 'echo caught TERM' TERM
kill -TERM $$
echo still running
trap - TERM
kill -TERM $$
echo not reached
