# <> opens for both, without truncating.
printf 'NEW' 1<> notes.txt
cat notes.txt
