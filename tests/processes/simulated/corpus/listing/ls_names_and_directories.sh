# Files come before directories, each directory under its name.
ls docs notes.txt data nowhere
echo $?
