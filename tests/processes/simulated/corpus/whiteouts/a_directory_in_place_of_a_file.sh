# A directory may take the place of a deleted file; it is opaque.
rm notes.txt
mkdir notes.txt
touch notes.txt/page1
ls notes.txt
