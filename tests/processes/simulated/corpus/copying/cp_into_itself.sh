# A tree cannot be copied into itself.
mkdir tree
cp -r tree tree/inner
echo $?
