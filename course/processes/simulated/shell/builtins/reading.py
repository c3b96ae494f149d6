"""The built-in command read: one line of standard input, split into variables."""

from collections.abc import Generator
from typing import TYPE_CHECKING

from course.processes.simulated.process import Waiting
from course.processes.simulated.shell.builtins.registry import builtin, options
from course.processes.simulated.shell.characters import is_name
from course.processes.simulated.shell.fields import WHITESPACE
from course.processes.simulated.shell.leaving import ShellError
from course.processes.simulated.shell.running import Executing

if TYPE_CHECKING:
    from course.processes.simulated.shell.shell import Shell

Characters = list[tuple[str, bool]]
"""Characters (str), and whether each was escaped (bool)."""


@builtin("read")
def read(shell: "Shell", words: list[str]) -> Executing:
    """Read a line into variables, the last of which takes what is left; fail at the end of the input."""
    chosen, names = options(words, "p:r")
    if not names:
        raise ShellError("arg count")
    for name in names:
        if not is_name(name):
            raise ShellError(f"{name}: bad variable name")
    line, complete = yield from _line(shell, raw="r" in chosen)
    for name, value in zip(names, split(line, len(names), shell.separators), strict=True):
        shell.assign(name, value)
    return 0 if complete else 1


def _line(shell: "Shell", raw: bool) -> Generator[Waiting, None, tuple[Characters, bool]]:
    r"""Return a line, and whether a newline ended it (bool); unless ``raw`` (bool), ``\`` escapes a character.

    It is read one byte at a time, for what follows it is not for this command.
    """
    line: Characters = []
    escaped = False
    while 0 in shell.process.fds:
        data = yield from shell.process.read(0, 1)
        if not data:
            break
        char = data.decode("latin-1")
        if escaped:
            escaped = False
            if char != "\n":
                line.append((char, True))
        elif char == "\\" and not raw:
            escaped = True
        elif char == "\n":
            return line, True
        elif char != "\0":
            line.append((char, False))
    return line, False


def split(line: Characters, count: int, separators: str) -> list[str]:
    """Return ``count`` (int) fields of a line (list of str); the last one holds all that is left.

    >>> split([(char, False) for char in " a  b c "], 2, " ")
    ['a', 'b c']
    """
    spaces = set(separators) & set(WHITESPACE)
    ends = [not escaped and char in separators for char, escaped in line]
    blank = [end and char in spaces for (char, _escaped), end in zip(line, ends, strict=True)]
    values, at = [], _behind(blank, 0)
    for number in range(count):
        start = at
        while at < len(line) and not ends[at]:
            at += 1
        stop = at
        at = _behind(blank, at)
        if at < len(line) and ends[at]:  # a separator that is no white space, with white space around it
            at = _behind(blank, at + 1)
        if number == count - 1 and at < len(line):
            stop = len(line)
            while stop > start and blank[stop - 1]:
                stop -= 1
        values.append("".join(char for char, _escaped in line[start:stop]))
    return values


def _behind(blank: list[bool], at: int) -> int:
    while at < len(blank) and blank[at]:
        at += 1
    return at
