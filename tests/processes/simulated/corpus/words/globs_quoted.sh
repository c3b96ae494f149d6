# A quoted pattern is only text.
echo "*.txt" '*.txt' \*.txt
pattern='n*.txt'
echo $pattern
echo "$pattern"
