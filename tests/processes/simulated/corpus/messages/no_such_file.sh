# Every program says in its own way that a file is not there.
cat nowhere
ls nowhere
cp nowhere x
mv nowhere x
rm nowhere
head nowhere
wc nowhere
grep x nowhere
sort nowhere
stat nowhere
chmod 644 nowhere
