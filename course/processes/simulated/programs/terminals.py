"""tty: whether a program's input is a terminal."""

from course.processes.simulated.process import Process, Run
from course.processes.simulated.programs.asking import asks_somebody
from course.processes.simulated.programs.registry import extra_operand, options, program

NAME = "/dev/pts/0"  # that of a container's terminal, of which it has one


@program("tty", usage_status=2)
def tty(process: Process, argv: list[str]) -> Run:
    """Print the name of the terminal that standard input is (tty(1)): -s to say it by the exit status alone."""
    found, operands = options(argv, "s", ["silent", "quiet"])
    extra_operand(["", *operands], 1)
    is_terminal = asks_somebody(process)
    if not found:
        yield from process.print(f"{NAME if is_terminal else 'not a tty'}\n")
    return int(not is_terminal)
