# A # begins a comment only at the beginning of a word.
echo one # two
echo one#two
echo one \
  two
