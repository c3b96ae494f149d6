# What a lower layer deleted cannot be seen, nor deleted again.
cat trash.txt
rm trash.txt
echo $?
rm -f trash.txt
echo $?
