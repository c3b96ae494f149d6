# -newer finds what was changed after a file.
touch -d 2020-01-01 old
echo x > new
find . -newer notes.txt -type f
find . ! -newer old -type f
