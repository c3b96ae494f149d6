# A name with a space is one word only in quotes.
mv "two words.txt" "three small words.txt"
ls three small words.txt
ls *words*
