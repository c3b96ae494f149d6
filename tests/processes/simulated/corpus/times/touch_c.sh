# touch -c makes nothing.
touch -c nowhere
echo $?
ls nowhere
