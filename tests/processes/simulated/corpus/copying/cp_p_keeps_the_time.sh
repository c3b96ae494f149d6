# cp -p keeps mode and time.
cp -p readonly.txt copy.txt
stat -c '%a %y' copy.txt
