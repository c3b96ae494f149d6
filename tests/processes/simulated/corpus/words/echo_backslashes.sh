# dash's echo knows backslashes, -n and \c.
echo 'a\tb\nc'
echo -n "no newline"
echo
echo 'stop\c here'
echo "-e is printed"
echo -e x
