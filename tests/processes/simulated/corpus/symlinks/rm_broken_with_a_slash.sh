# With a slash a link to nowhere is no directory.
rm broken.link/
echo $?
rm broken.link
ls -d broken.link
