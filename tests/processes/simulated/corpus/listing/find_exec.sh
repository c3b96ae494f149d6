# -exec runs a program for each file, or for many.
find docs -name '*.md' -exec wc -l {} \; | sort
find data -name '*.csv' -exec cat {} + | sort
