# ${x:-y} and its relatives.
echo ${missing:-default}
echo ${missing-unset} "${empty:+set}"
empty=
echo "<${empty-unset}>" "<${empty:-null}>" "<${empty+set}>"
: ${made:=here}
echo $made
