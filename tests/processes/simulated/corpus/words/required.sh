# ${x?message} ends the script if x is not set.
echo before
echo ${nothing?is needed}
echo after
