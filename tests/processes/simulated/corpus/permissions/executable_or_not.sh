# A file without x bits is not run, not even for root.
echo 'echo running' > job
./job
echo $?
chmod 755 job
./job
