# -k and -t choose a column.
cat data/*.csv | grep -v name | sort -t, -k2 -n
sort -t, -k1,1 -r data/a.csv
