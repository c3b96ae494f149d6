"""One sequence of calls, done on a real overlay mount and in the simulator, and what each leaves."""
