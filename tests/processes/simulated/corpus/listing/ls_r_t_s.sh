# -t sorts by time, -S by size, -r turns round.
touch -d 2020-01-03 a
touch -d 2020-01-01 b
touch -d 2020-01-02 c
ls -t a b c
ls -tr a b c
ls -S notes.txt poem.txt app.txt
