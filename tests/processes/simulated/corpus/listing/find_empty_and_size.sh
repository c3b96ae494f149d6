# -empty and -size look at contents.
find . -empty -not -name . | sort
find . -type f -size +4k | sort
find . -name '*.txt' -size -1 | sort
