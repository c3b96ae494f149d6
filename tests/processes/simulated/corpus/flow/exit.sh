# exit ends the script with a status.
echo before
exit 3
echo after
