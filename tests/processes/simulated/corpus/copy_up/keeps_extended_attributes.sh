# A file's extended attributes come up with it.
echo more >> tagged.txt
cat tagged.txt
