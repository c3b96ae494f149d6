# Root's cp -a keeps owners, cp does not.
# needs: root
cp -a /home/learner home
cp /home/learner/diary.txt diary.txt
stat -c '%U:%G %a %n' home home/* diary.txt
