# A FIFO joins two processes by a name.
mkfifo queue
cat queue > received &
echo "through a pipe with a name" > queue
wait
cat received
