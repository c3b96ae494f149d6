# A renamed lower file is a copy under the new name and a whiteout under the old.
mv notes.txt renamed.txt
ls notes.txt renamed.txt
cat renamed.txt
