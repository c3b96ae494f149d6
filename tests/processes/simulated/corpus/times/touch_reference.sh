# touch -r takes the time of another file.
echo new > new.txt
touch -r poem.txt new.txt
stat -c '%Y' new.txt
