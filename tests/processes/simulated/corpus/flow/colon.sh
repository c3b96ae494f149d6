# : does nothing and succeeds.
: this is ignored $((1 + 1))
echo $?
while :; do echo once; break; done
