"""What "running" adds to a container: processes, simulated in memory, or real ones on Linux."""
