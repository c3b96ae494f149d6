# A subshell does not inherit traps, but has its own.
trap 'echo outer' EXIT
(trap 'echo inner' EXIT; echo in)
(echo no trap)
echo out
