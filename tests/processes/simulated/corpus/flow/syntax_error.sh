# A syntax error ends the script where it is read.
echo before
if true; then
echo after
