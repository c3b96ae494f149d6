# A function that walks a tree, as find does.
walk() {
  for f in "$1"/*; do
    if [ -d "$f" ]; then walk "$f"; else echo "$f"; fi
  done
}
walk docs
