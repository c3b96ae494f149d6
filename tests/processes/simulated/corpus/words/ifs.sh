# IFS says where words end.
IFS=:
path=/bin:/usr/bin::/sbin
for part in $path; do echo "<$part>"; done
IFS=' '
set -- $path; echo $#
