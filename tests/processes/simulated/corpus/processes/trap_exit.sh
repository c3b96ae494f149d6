# trap … EXIT runs at the end, whatever the end.
trap 'echo cleaning up; rm -f scratch' EXIT
touch scratch
echo working
exit 5
