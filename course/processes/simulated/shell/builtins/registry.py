"""The built-in commands by name, and what several of them need."""

from collections.abc import Callable, Generator, Sequence
from typing import TYPE_CHECKING

from course.processes.simulated.process import Waiting
from course.processes.simulated.shell.leaving import ShellError
from course.processes.simulated.shell.running import Executing

if TYPE_CHECKING:
    from course.processes.simulated.shell.shell import Shell

Builtin = Callable[["Shell", list[str]], Executing]
"""A built-in command: takes the shell and the command's words (list of str), returns its status (int)."""

BUILTINS: dict[str, Builtin] = {}
"""Every built-in command by its name (str)."""


def builtin(*names: str) -> Callable[[Builtin], Builtin]:
    """Return a decorator that registers a built-in command under its ``names`` (str)."""

    def register(run: Builtin) -> Builtin:
        BUILTINS.update(dict.fromkeys(names, run))
        return run

    return register


def write(shell: "Shell", text: str) -> Generator[Waiting, None, None]:
    """Write ``text`` (str, one character for each byte) to standard output.  Raises OSError."""
    if text:
        yield from shell.process.write(1, text.encode("latin-1"))


def options(words: Sequence[str], known: str) -> tuple[dict[str, str], list[str]]:
    """Return the options of a command with their values (dict of str to str) and its operands (list of str).

    ``known`` (str) are the letters; one with a colon behind it takes a value.  The first operand ends the options.
    Raises ShellError.

    >>> options(["export", "-p", "x"], "p")
    ({'p': ''}, ['x'])
    """
    found: dict[str, str] = {}
    rest = list(words[1:])
    while rest and rest[0].startswith("-") and rest[0] != "-":
        letters = rest.pop(0)[1:]
        if letters == "-":
            break
        while letters:
            letter, letters = letters[0], letters[1:]
            if letter not in known or letter == ":":
                raise ShellError(f"Illegal option -{letter}")
            found[letter] = ""
            if f"{letter}:" in known:
                if not letters and not rest:
                    raise ShellError(f"No arg for -{letter} option")
                found[letter], letters = letters or rest.pop(0), ""
    return found, rest


def slot(name: str, slots: int) -> int:
    """Return where ``name`` (str) stands in a hash table of so many ``slots`` (int): dash lists some in that order.

    >>> slot("cat", 31), slot("mv", 31)
    (5, 18)
    """
    return (ord(name[0]) * 16 + sum(map(ord, name))) % slots


def number(text: str) -> int:
    """Return the number that ``text`` (str) is: decimal digits only (int).  Raises ShellError."""
    if not (text.isascii() and text.isdigit()) or int(text) > 0x7FFFFFFF:
        raise ShellError(f"Illegal number: {text}")
    return int(text)


def quoted(text: str) -> str:
    """Return ``text`` (str) so that the shell reads it as one word, as ``set`` and ``trap`` print it (str).

    >>> print(quoted("it's"))
    'it'"'"'s'
    """
    pieces = []
    for at, piece in enumerate(text.split("'")):
        if at:
            pieces.append('"\'"')
        if piece or not text:
            pieces.append(f"'{piece}'")
    return "".join(pieces)
