# The status of a usage error is 1, for some programs 2.
for p in cat ls cp rm mv mkdir sort head tail wc cut tr touch chmod stat; do
  $p --no-such-option 2> /dev/null
  echo "$p $?"
done
