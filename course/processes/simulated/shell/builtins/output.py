r"""The built-in command echo, which takes backslashes for escapes as dash's does."""

from typing import TYPE_CHECKING

from course.processes.simulated.programs.formatting import DASH, unescaped
from course.processes.simulated.shell.builtins.registry import builtin, write
from course.processes.simulated.shell.running import Executing

if TYPE_CHECKING:
    from course.processes.simulated.shell.shell import Shell


@builtin("echo")
def echo(shell: "Shell", words: list[str]) -> Executing:
    """Print the words, a blank between them, and a newline unless the first is -n."""
    operands = words[1:]
    end = "\n"
    if operands[:1] == ["-n"]:
        operands, end = operands[1:], ""
    text, stopped = unescaped(" ".join(operands), DASH)
    yield from write(shell, text if stopped else text + end)
    return 0
