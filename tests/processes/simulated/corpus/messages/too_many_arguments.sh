# Operands that are too many.
basename a b c
seq 1 2 3 4
tr a b c < notes.txt
