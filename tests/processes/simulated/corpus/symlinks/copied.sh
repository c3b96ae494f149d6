# cp follows links, cp -a copies them.
cp notes.link copy1
cp -a notes.link copy2
stat -c '%F %n' copy1 copy2
