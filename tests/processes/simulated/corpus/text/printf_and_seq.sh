# Numbers in a row, and in columns.
seq 3
seq 2 2 6
printf '%s-%03d\n' a 7 b 42
printf '%5s|%-5s|\n' ab cd
