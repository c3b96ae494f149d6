"""The real thing: what the Linux kernel gives a container, and whether it gives it here."""
