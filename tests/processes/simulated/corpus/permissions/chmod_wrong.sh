# chmod refuses what is no mode, and what is not there.
chmod 888 notes.txt 2> /dev/null
echo $?
chmod 644 nowhere
echo $?
chmod u+x broken.link
echo $?
