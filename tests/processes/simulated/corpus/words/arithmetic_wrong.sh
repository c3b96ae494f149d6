# An expression that makes no sense ends the script.
sh -c 'echo $((1 +))'
echo $((1 / 0))
echo not reached
