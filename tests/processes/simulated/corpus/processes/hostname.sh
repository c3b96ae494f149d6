# The machine's name.
hostname
