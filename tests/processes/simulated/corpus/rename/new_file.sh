# A new file's old name leaves nothing.
echo new > a
mv a b
ls a b
