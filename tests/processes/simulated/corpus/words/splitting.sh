# An unquoted variable falls apart at spaces, a quoted one does not.
words='one   two three'
echo $words
echo "$words"
set -- $words
echo $#
set -- "$words"
echo $#
