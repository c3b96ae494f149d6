# -F marks kinds, -p only directories, -1 is one a line, -m commas.
ls -F
ls -p docs
ls -1 data
