# -v names each file.
tar -cvf a.tar app.txt data/c.csv
mkdir x
tar -xvf a.tar -C x app.txt
ls x
rm a.tar
