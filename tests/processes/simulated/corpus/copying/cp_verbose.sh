# cp -v says what it does.
cp -v notes.txt app.txt data
cp -v "two words.txt" words
