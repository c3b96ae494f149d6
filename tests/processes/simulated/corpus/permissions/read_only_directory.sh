# A user cannot fill his own read-only directory, but make it writable again.
# needs: root
# user: learner
mkdir /tmp/mine
chmod 555 /tmp/mine
touch /tmp/mine/x
chmod 755 /tmp/mine
touch /tmp/mine/x && echo made
rm -r /tmp/mine
