"""What this machine can do, for a notebook."""

from course.processes.linux.probe import probe


def doctor() -> None:
    """Print what this machine can do for real, and why not the rest: what ``course doctor`` says."""
    print(probe().report())
