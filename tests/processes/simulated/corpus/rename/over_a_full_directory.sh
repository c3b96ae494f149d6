# A directory cannot replace one that is not empty.
mkdir full
mv -T full docs 2> /dev/null
echo $?
ls -d full
