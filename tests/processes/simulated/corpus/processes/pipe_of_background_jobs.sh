# A pipe may run in the background as a whole.
sort -n numbers.txt | tail -n 1 > max &
wait $!
cat max
