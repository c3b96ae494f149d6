# An opaque directory can be renamed; its old name needs a whiteout.
rm -r keep
mkdir keep
touch keep/three
mv keep kept
ls kept
ls keep
