# A directory without x for others is closed to them.
# needs: root
# user: learner
cat private/key
ls private
cd private
echo $?
