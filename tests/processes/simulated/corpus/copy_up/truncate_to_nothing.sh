# A lone > leaves an empty file with the mode of the lower one.
> greet.sh
stat -c '%s bytes, mode %a' greet.sh
ls -l poem.txt
