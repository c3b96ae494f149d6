# A new owner takes the set-id bits away.
# needs: root
cp greet.sh tool
chmod 6755 tool
chown learner tool
stat -c '%a %U' tool
