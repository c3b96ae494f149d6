# /dev/null swallows everything and gives nothing.
echo gone > /dev/null
ls nowhere > /dev/null 2>&1
echo $?
cat /dev/null
wc -c < /dev/null
