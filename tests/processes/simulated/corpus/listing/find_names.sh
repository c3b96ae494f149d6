# find walks a tree; -name matches the last part.
find . -name '*.md' | sort
find docs -name 'c*' -type f | sort
