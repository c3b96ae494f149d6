# cat -n numbers lines, -A shows what cannot be seen.
cat -n notes.txt
printf 'a\tb\n' | cat -A
cat "no newline.txt" app.txt
