# exec opens files for the whole script.
exec 3> three 4>> four
echo to three >&3
echo to four >&4
exec 3>&- 4>&-
cat three four
echo nothing >&3
