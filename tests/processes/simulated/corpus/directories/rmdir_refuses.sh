# rmdir removes empty directories only.
rmdir docs
rmdir notes.txt
rmdir nowhere
echo $?
