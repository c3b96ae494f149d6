# read splits a line into variables.
IFS=, read -r name age < app.txt
echo "$name/$age"
tail -n 2 data/a.csv | while IFS=, read -r name age; do echo "$name is $age"; done
