# chown and chmod are for the owner; giving a file away is for root.
# needs: root
# user: learner
id -un
chmod 600 notes.txt
chown learner notes.txt
touch /tmp/mine
chown root /tmp/mine
chmod 700 /tmp/mine
stat -c '%a %U' /tmp/mine
