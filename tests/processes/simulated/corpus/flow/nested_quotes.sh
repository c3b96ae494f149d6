# Quotes inside $(…) begin anew.
echo "a $(echo "b $(echo "c  d")")"
x="$(printf '%s' "two  spaces")"
echo "$x"
