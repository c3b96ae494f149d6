# A renamed file keeps its mode and its time.
mv greet.sh hello.sh
stat -c '%a %y' hello.sh
./hello.sh you
