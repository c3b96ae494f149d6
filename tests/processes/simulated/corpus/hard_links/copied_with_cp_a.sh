# cp -a keeps the hard links within what it copies.
cp -a hardlinks copied
stat -c '%h %n' copied/*
echo more >> copied/left
tail -n 1 copied/right
