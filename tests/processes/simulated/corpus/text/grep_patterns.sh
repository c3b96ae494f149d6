# Basic and extended patterns, fixed strings, words, whole lines.
grep '^[tT]he' poem.txt
grep -E 'top|page' poem.txt
grep -E '[0-9]{2},' data/a.csv
grep -F '[server]' config.ini
grep -w see poem.txt
grep -x 9 numbers.txt
