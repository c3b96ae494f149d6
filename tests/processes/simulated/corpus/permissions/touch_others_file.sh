# Only an owner sets a file's time.
# needs: root
# user: learner
touch notes.txt
touch -d 2020-01-01 notes.txt
touch -d 2020-01-01 /home/learner/diary.txt
stat -c '%y %n' /home/learner/diary.txt
