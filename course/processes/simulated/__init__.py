"""Processes, namespaces and a small shell, in memory: what "running" means, with nothing but Python."""
