# -delete leaves whiteouts as rm does.
find docs -name '*.md' -delete
find docs | sort
