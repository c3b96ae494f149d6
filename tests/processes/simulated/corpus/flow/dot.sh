# . reads a file into this shell.
echo 'x=5; hi() { echo "hi, $1"; }' > lib.sh
. ./lib.sh
hi $x
. ./nowhere.sh
echo not reached
