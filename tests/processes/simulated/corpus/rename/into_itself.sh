# A directory cannot be moved into itself.
mkdir outer
mv outer outer/inner
echo $?
