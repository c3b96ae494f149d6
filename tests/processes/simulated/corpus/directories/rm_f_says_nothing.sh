# rm -f does not mind what is not there.
rm -f nowhere
echo $?
rm nowhere
echo $?
