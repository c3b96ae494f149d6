# X gives x to directories and to what is executable already.
mkdir d
touch d/f
chmod -R a-x,a+X d
stat -c '%A %n' d d/f
