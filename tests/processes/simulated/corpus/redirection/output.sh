# > begins a file anew, >> adds to it.
echo one > out
echo two >> out
echo three > out
cat out
