# chmod --reference takes the mode of another file.
chmod --reference=greet.sh notes.txt
stat -c %a notes.txt
