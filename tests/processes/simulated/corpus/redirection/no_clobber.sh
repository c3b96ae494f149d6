# set -C keeps > from overwriting a file; >| does it all the same.
set -C
echo x > notes.txt
echo $?
echo x >| notes.txt
cat notes.txt
echo new > new.txt && cat new.txt
