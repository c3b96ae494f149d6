# cp -a copies a FIFO as a FIFO, without reading it.
cp -a mail.pipe other.pipe
stat -c '%F %a' other.pipe
