# ls -l: kind and mode, links, owner, size, time, name.
ls -l notes.txt greet.sh blocks.bin notes.link mail.pipe readonly.txt
