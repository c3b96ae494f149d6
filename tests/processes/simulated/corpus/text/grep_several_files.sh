# With several files each line has its name in front.
grep line *.txt
grep -h line notes.txt app.txt
grep -l line *.txt
