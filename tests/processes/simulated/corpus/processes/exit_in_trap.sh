# The trap sees the status; its own exit replaces it.
trap 'echo "status $?"; exit 9' EXIT
exit 4
