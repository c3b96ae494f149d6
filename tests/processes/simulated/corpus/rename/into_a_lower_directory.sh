# A file moved into a lower directory brings the directory up.
mv notes.txt docs/
ls docs
test -e notes.txt || echo moved
