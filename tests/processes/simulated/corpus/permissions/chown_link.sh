# chown follows a link, chown -h does not.
# needs: root
chown -h learner notes.link
stat -c '%U %n' notes.link notes.txt
chown learner docs.link
stat -c '%U %n' docs.link docs
