# test asks what a name is.
for f in notes.txt docs notes.link broken.link mail.pipe empty.txt nowhere; do
  for what in e f d L p s; do
    [ -$what "$f" ] && printf '%s ' $what
  done
  echo "$f"
done
