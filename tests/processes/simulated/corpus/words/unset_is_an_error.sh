# set -u makes unset variables an error.
set -u
echo "${x:-fine}"
echo $x
echo not reached
