# >&2 writes to standard error.
echo out
echo err >&2
{ echo one; echo two >&2; } 2> errors
cat errors
