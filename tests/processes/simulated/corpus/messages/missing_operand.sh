# A program without the operands it needs.
cp
cp a
mv
rm
mkdir
rmdir
touch
ln
chmod
chmod 644
