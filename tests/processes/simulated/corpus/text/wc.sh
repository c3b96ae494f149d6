# Lines, words and bytes; several files have a total.
wc notes.txt poem.txt
wc -l notes.txt poem.txt
wc -w < poem.txt
wc -c blocks.bin "no newline.txt"
