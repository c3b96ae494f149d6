# cp makes a new file: its mode is kept, its time is not.
cp greet.sh hi.sh
stat -c '%a %s' hi.sh
test hi.sh -nt greet.sh && echo newer
./hi.sh you
