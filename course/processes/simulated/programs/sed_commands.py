"""The commands of sed: what a script says, once it has been read.  Text is one character for each byte."""

import re
from dataclasses import dataclass, field

from course.processes.simulated.programs.regular_expressions import Pattern

ESCAPES = {"a": "\a", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
CODED = re.compile(r"\\(?:([afnrtv])|c(.)|d(\d{1,3})|o([0-7]{1,3})|x([0-9a-fA-F]{1,2})|(.))", re.DOTALL)
"""An escape sequence: a letter, a control character, a number in one of three bases, or any other character."""


class ScriptError(Exception):
    """A script does not follow the rules: the whole message, and sed's exit ``status`` (int)."""

    def __init__(self, message: str, status: int = 1) -> None:
        super().__init__(message)
        self.status = status


@dataclass
class Address:
    """Where a command applies: ``kind`` (str) is number, last, regex, step, plus or multiple."""

    kind: str
    number: int = 0
    step: int = 0
    regex: Pattern | None = None


@dataclass
class Command:
    """One command of a script.

    ``letter`` names it (str); it applies from ``first`` to ``last`` (Address or None), or elsewhere if ``negated``
    (bool).  ``text`` is what a, i, c insert, or the file's name of r and w, or the label of b, t, T and ``:`` (str);
    ``number`` the exit status, the width or the match that counts (int); ``replacement`` the parts of an s command
    (list of str, group numbers, and case changes such as ``\\U``); ``flags`` its letters (str).  ``target`` is the
    place of the command to go on with (int).  The state of a range is kept here as well.
    """

    letter: str
    first: Address | None = None
    last: Address | None = None
    negated: bool = False
    text: str = ""
    number: int = -1
    regex: Pattern | None = None
    replacement: list[str | int] = field(default_factory=list)
    flags: str = ""
    table: bytes = b""
    target: int = -1
    state: str = "inactive"
    end: int = 0


def coded(found: re.Match[str]) -> str:
    """Return the character (str) that an escape sequence stands for; one without a meaning loses its backslash."""
    letter, control, decimal, octal, hexadecimal, other = found.groups()
    if letter:
        return ESCAPES[letter]
    if control:
        return chr(ord(control.upper()) ^ 64)
    if other is not None:
        return str(other)
    return chr(int(decimal or octal or hexadecimal, 10 if decimal else 8 if octal else 16) & 255)


REPLACEMENT = re.compile(r"(?s)&|\\([0-9])|(\\[ULEul])|\\(?:c.|d\d{1,3}|o[0-7]{1,3}|x[0-9a-fA-F]{1,2}|.)|[^\\&]+")


def parts(text: str) -> list[str | int]:
    r"""Return the parts of a replacement (str): text (str), numbers of groups (int), changes of case (``\U``: str).

    >>> parts(r"<&>\n\1\U")
    ['<', 0, '>', '\n', 1, '\\U']
    """
    found: list[str | int] = []
    for part in REPLACEMENT.finditer(text):
        if part[0] == "&":
            found.append(0)
        elif part[1]:
            found.append(int(part[1]))
        elif part[2]:
            found.append(part[2])
        else:
            found.append(CODED.sub(coded, part[0]) if part[0][0] == "\\" else part[0])
    return found
