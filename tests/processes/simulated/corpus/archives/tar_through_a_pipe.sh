# Two tars copy a tree through a pipe.
mkdir copy
tar -cf - docs | (cd copy && tar -xf -)
find copy -type f | sort
