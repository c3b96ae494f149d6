# Root may write to a file of mode 444; its mode stays.
echo "touched" >> readonly.txt
cat readonly.txt
stat -c %a readonly.txt
