# test -r, -w and -x ask what this user may do.
# needs: root
# user: learner
for f in notes.txt private greet.sh /home/learner/diary.txt; do
  for right in r w x; do
    test -$right $f && echo "$f $right"
  done
done
