# A redirection alone makes an empty file.
> new
stat -c '%s %a' new
: > notes.txt
cat notes.txt
