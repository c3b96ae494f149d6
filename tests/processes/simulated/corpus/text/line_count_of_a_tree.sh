# A pipeline that people type to see which files are longest.
find docs -name '*.md' -exec wc -l {} + | sort -rn | head -n 3
