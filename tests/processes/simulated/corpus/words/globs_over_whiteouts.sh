# What is deleted does not match.
rm notes.txt numbers.txt
echo n*
touch new.txt
echo n*
