# Directories that are copied up keep their mode and time.
echo "another" >> private/key
stat -c '%a %y %n' private
cat private/key
