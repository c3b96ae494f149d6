# With set -e the first failure ends the script.
set -e
echo one
false || echo "not here"
if false; then :; fi
cat nowhere
echo not reached
