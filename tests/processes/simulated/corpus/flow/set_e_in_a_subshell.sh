# set -e ends the subshell; its status ends the script.
set -e
(echo inside; false; echo not reached)
echo not reached either
