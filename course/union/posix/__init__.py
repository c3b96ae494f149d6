"""The POSIX calls on a union: what Linux checks before it acts, and what it answers."""
