# Where a status is asked for, set -e is off, inside a function too.
set -e
f() { false; echo "went on"; }
f || echo failed
f
echo not reached
