# sha256sum -c tells whether files are what they were.
sha256sum notes.txt app.txt > sums
sha256sum -c sums
echo changed >> app.txt
sha256sum -c sums
echo $?
