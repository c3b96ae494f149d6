# 2> takes the errors, 2>&1 sends them where the output goes.
ls nowhere 2> errors
cat errors
ls nowhere notes.txt > both 2>&1
cat both
ls nowhere 2>&1 | tr a-z A-Z
