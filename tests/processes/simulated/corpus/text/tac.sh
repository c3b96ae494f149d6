# tac turns a file round.
tac notes.txt
tac numbers.txt | head -n 2
