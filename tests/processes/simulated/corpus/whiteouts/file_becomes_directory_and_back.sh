# A name that is a file, a directory and a file again.
rm data/a.csv
mkdir data/a.csv
touch data/a.csv/x
rm -r data/a.csv
echo "name,age" > data/a.csv
cat data/a.csv
ls data
