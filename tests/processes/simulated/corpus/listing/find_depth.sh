# -mindepth, -maxdepth and -depth.
find docs -mindepth 1 -maxdepth 2 | sort
find docs/api -depth -name 'v1*'
