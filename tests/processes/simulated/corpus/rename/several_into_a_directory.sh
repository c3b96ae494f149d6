# Several files move into a directory at once; -v says what happened.
mkdir box
mv -v app.txt poem.txt box
ls box
