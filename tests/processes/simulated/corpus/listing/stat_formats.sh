# stat -c writes what is asked for.
stat -c '%n: %F, %s bytes, %A (%a), %U (%u), %G (%g), %h' notes.txt docs.link empty.txt
stat -c '%N' notes.link
stat -L -c '%F' notes.link
