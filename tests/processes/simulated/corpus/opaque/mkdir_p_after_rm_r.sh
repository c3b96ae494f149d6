# mkdir -p makes a deleted path again: only its first directory covers anything.
rm -r docs
mkdir -p docs/api/v1
find docs | sort
