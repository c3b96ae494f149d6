# A quote that never ends.
echo one
echo "two
echo three
