# A FIFO is deleted as any file.
test -p mail.pipe && echo a pipe
rm mail.pipe
test -e mail.pipe || echo gone
