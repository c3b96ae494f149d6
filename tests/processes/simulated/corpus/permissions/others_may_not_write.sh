# A user may read what is everybody's, and write what is his own.
# needs: root
# user: learner
cat notes.txt
echo "mine" >> notes.txt
echo $?
echo "today" >> /home/learner/diary.txt
cat /home/learner/diary.txt
