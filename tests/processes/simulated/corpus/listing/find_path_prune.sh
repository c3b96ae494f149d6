# -prune does not go into a directory.
find . -path ./docs -prune -o -name '*.md' -print
find docs -path '*/v1/*'
