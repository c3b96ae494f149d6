# A wrong option: the program says which, and how to get help.
ls -@
cat -@
cp -@ a b
rm -@
mkdir -@
sort -@
head -@
