# cp -a keeps extended attributes, cp does not.
cp -a tagged.txt with
cp tagged.txt without
ls with without
