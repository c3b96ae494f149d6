# mv that has to copy keeps modes and times.
mv private public
stat -c '%a %Y %n' public public/key
