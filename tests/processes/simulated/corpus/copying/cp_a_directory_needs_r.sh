# cp leaves directories out unless told otherwise.
cp docs elsewhere
echo $?
ls elsewhere
