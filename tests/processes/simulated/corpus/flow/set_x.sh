# set -x writes each command to the errors before it runs.
set -x
name=world
echo "hello, $name"
for n in 1 2; do [ $n = 2 ]; done
set +x
echo quiet
