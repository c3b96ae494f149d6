# chown -R changes a whole tree.
# needs: root
chown -R learner:users docs
find docs -user learner | sort
find docs ! -group users
