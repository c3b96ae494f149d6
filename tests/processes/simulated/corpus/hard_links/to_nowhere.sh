# A hard link needs a file.
ln nowhere here
echo $?
