# Links in a circle lead nowhere.
ln -s a b
ln -s b a
cat a
ls a/
