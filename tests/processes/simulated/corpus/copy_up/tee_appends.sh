# tee -a writes to a lower file and to its output.
echo "by tee" | tee -a notes.txt app.txt
tail -n 1 notes.txt app.txt
