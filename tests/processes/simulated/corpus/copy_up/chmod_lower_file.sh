# A new mode alone copies the whole file up.
chmod 600 poem.txt
ls -l poem.txt
