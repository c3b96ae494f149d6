# Owner and group may be names.
# needs: root
chown learner notes.txt
chown :users app.txt
chown nobody:nogroup poem.txt
stat -c '%U:%G %n' notes.txt app.txt poem.txt
