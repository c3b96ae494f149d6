# Redirections are made from left to right.
ls nowhere 2>&1 > out
wc -c < out
ls nowhere > out 2>&1
wc -c < out
