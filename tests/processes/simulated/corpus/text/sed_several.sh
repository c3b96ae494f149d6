# -e adds a script, q ends early.
sed -e 's/first/1st/' -e 's/second/2nd/' notes.txt
sed 2q poem.txt
sed -n '/host/{s/localhost/0.0.0.0/;p}' config.ini
