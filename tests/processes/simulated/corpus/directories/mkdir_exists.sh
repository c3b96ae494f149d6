# mkdir refuses a name that is there.
mkdir docs
mkdir notes.txt
mkdir broken.link
echo $?
