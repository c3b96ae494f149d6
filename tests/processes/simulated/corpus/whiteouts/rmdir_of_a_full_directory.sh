# rmdir refuses a directory that shows anything.
rm keep/one
rmdir keep
echo $?
ls keep
