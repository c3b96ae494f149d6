# Whoever writes to a set-user-id program takes the bit away.
# needs: root
# user: learner
cd /home/learner
stat -c %a run.sh
echo "# more" >> run.sh
stat -c %a run.sh
