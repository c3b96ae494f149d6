# du counts blocks, -b bytes.
du -k notes.txt blocks.bin empty.txt
du -b notes.txt blocks.bin
truncate -s 1M hole
du -k hole
du -h blocks.bin
