# tar complains about what is not there.
tar -tf nowhere.tar
echo $?
tar -cf e.tar nowhere
echo $?
rm e.tar
