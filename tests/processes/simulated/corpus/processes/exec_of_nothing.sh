# exec of a program that is not there ends the script.
exec nosuchprogram
echo not reached
