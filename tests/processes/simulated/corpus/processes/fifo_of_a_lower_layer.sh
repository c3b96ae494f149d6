# A FIFO in a lower layer works without being copied up.
cat mail.pipe &
echo hello > mail.pipe
wait
