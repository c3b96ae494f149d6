# cp -r into a directory that was deleted and made again.
rm -r data
mkdir data
cp app.txt data/
ls -A data
