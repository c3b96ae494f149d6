# In a sticky directory everybody may make files, and delete only his own.
# needs: root
# user: learner
rm -f drop/root.txt
rm drop/learner.txt && echo deleted
echo new > drop/new.txt
ls drop
