"""The built-in command printf."""

from typing import TYPE_CHECKING

from course.processes.simulated.programs.formatting import Complaint, formatted
from course.processes.simulated.shell.builtins.registry import builtin, write
from course.processes.simulated.shell.leaving import ShellError
from course.processes.simulated.shell.running import Executing

if TYPE_CHECKING:
    from course.processes.simulated.shell.shell import Shell


@builtin("printf")
def printf(shell: "Shell", words: list[str]) -> Executing:
    """Print arguments as a format says, which is used again as long as there are any."""
    operands = words[2:] if words[1:2] == ["--"] else words[1:]
    if not operands:
        raise ShellError("usage: printf format [arg ...]")
    pieces = list(formatted(operands[0], operands[1:], dash=True))
    complaints = [piece for piece in pieces if isinstance(piece, Complaint)]
    yield from write(shell, "".join(piece for piece in pieces if isinstance(piece, str)))
    for complaint in complaints:
        if complaint.fatal:
            raise ShellError(complaint.text)
        yield from shell.complain(complaint.text)
    return 1 if complaints else 0
