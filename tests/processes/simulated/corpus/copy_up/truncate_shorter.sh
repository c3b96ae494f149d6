# Cutting a lower file short keeps its beginning.
truncate -s 10 notes.txt
cat notes.txt; echo "|"
