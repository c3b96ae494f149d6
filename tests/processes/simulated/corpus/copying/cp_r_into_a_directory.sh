# If the target is a directory, the copy goes into it.
mkdir box
cp -r docs box
cp notes.txt app.txt box
ls box box/docs
