# Background jobs write to the same files.
for n in 1 2 3; do
  echo "job $n" > job$n.log &
done
wait
cat job*.log
