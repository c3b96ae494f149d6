"""test and ``[``: whether something is so, about texts, numbers and files (test(1))."""

import re
import stat
from collections.abc import Callable
from typing import TYPE_CHECKING

from course.processes.simulated.programs.buffering import encoded
from course.processes.simulated.programs.quoting import quote
from course.processes.simulated.programs.registry import Usage, program
from course.union import flags

if TYPE_CHECKING:
    from course.processes.simulated.process import Process, Run
    from course.union.filesystem import Stat

KINDS = {
    "b": stat.S_ISBLK,
    "c": stat.S_ISCHR,
    "d": stat.S_ISDIR,
    "f": stat.S_ISREG,
    "h": stat.S_ISLNK,
    "L": stat.S_ISLNK,
    "p": stat.S_ISFIFO,
    "S": stat.S_ISSOCK,
}
BITS = {"g": stat.S_ISGID, "k": stat.S_ISVTX, "u": stat.S_ISUID}
ACCESS = {"r": flags.R_OK, "w": flags.W_OK, "x": flags.X_OK}
COMPARISONS: dict[str, Callable[[int], bool]] = {
    "eq": lambda difference: difference == 0,
    "ne": lambda difference: difference != 0,
    "lt": lambda difference: difference < 0,
    "le": lambda difference: difference <= 0,
    "gt": lambda difference: difference > 0,
    "ge": lambda difference: difference >= 0,
}
OPERATORS = frozenset(["=", "==", "!=", "-nt", "-ot", "-ef", *(f"-{name}" for name in COMPARISONS)])


@program("test", "[", usage_status=2)
def decide(process: "Process", argv: list[str]) -> "Run":
    """Return 0 if the expression holds, 1 if it does not, 2 if it is none."""
    words = argv[1:]
    if argv[0].rsplit("/", 1)[-1] == "[":
        if words[-1:] != ["]"]:
            raise Usage("missing ']'", hint=False)
        words = words[:-1]
    if not words:
        return 1
    expression = Expression(process, words)
    value = expression.of(len(words))
    if expression.at < len(words):
        raise Usage(f"extra argument {quote(words[expression.at])}", hint=False)
    return 0 if value else 1
    yield  # a generator, as all programs


class Expression:
    """The expression that ``words`` (list of str) are, read from left to right; ``at`` (int) is the next word's place.

    Its methods raise Usage.
    """

    def __init__(self, process: "Process", words: list[str]) -> None:
        self.process, self.words, self.at = process, words, 0

    def of(self, count: int) -> bool:
        """Return whether the next ``count`` (int) words hold (bool).  Rule: POSIX, test, by the number of arguments."""
        first, last = self.words[self.at], self.words[min(self.at + count, len(self.words)) - 1]
        if count == 1:
            return self._next() != ""
        if count == 2:
            return self._two()
        if count == 3:
            return self._three()
        if count == 4 and first == "!":
            self._next()
            return not self._three()
        if count == 4 and first == "(" and last == ")":
            self._next()
            value = self._two()
            self._next()
            return value
        return self._either()

    def _next(self, more: bool = False) -> str:
        """Return the next word (str); ``more`` says that another must follow."""
        self.at += 1
        if more and self.at >= len(self.words):
            raise Usage(f"missing argument after {quote(self.words[-1])}", hint=False)
        return self.words[self.at - 1]

    def _sees(self, ahead: int = 0) -> str:
        return self.words[self.at + ahead] if self.at + ahead < len(self.words) else ""

    def _two(self) -> bool:
        if self._sees() == "!":
            self._next()
            return self._next() == ""
        if re.fullmatch("(?s)-.", self._sees()):
            return self._unary()
        raise Usage(f"missing argument after {quote(self.words[-1])}", hint=False)

    def _three(self) -> bool:
        if self._sees(1) in OPERATORS:
            return self._binary()
        if self._sees() == "!":
            self._next(more=True)
            return not self._two()
        if self._sees() == "(" and self._sees(2) == ")":
            self._next()
            value = self._next() != ""
            self._next()
            return value
        if self._sees(1) in ("-a", "-o"):
            return self._either()
        raise Usage(f"{quote(self._sees(1))}: binary operator expected", hint=False)

    def _either(self) -> bool:
        value = self._both()
        while self._sees() == "-o":
            self._next()
            value = self._both() or value
        return value

    def _both(self) -> bool:
        value = self._term()
        while self._sees() == "-a":
            self._next()
            value = self._term() and value
        return value

    def _term(self) -> bool:
        negated = False
        while self._sees() == "!":
            self._next(more=True)
            negated = not negated
        if self.at >= len(self.words):
            raise Usage(f"missing argument after {quote(self.words[-1])}", hint=False)
        left = len(self.words) - self.at
        if self._sees() == "(":
            value = self._group()
        elif left >= 3 and self._sees(1) in OPERATORS:
            value = self._binary()
        elif re.fullmatch("(?s)-.", self._sees()):
            value = self._unary()
        else:
            value = self._next() != ""
        return value != negated

    def _group(self) -> bool:
        self._next(more=True)
        count = 1
        while self.at + count < len(self.words) and self._sees(count) != ")":
            if count == 4:
                count = len(self.words) - self.at
                break
            count += 1
        value = self.of(count)
        if self.at >= len(self.words):
            raise Usage("')' expected", hint=False)
        if self._sees() != ")":
            raise Usage(f"')' expected, found {quote(self._sees())}", hint=False)
        self._next()
        return value

    def _unary(self) -> bool:
        letter = self._sees()[1]
        if letter not in "eNOGnstz" and letter not in {**KINDS, **BITS, **ACCESS}:
            raise Usage(f"{quote(self._sees())}: unary operator expected", hint=False)
        self._next(more=True)
        return is_so(self.process, letter, self._next())

    def _binary(self) -> bool:
        left, operator, right = self._next(), self._next(), self._next()
        return compares(self.process, left, operator, right)


def is_so(process: "Process", letter: str, operand: str) -> bool:
    """Return whether ``-letter operand`` holds (bool).  Raises Usage."""
    if letter in "nz":
        return (operand == "") == (letter == "z")
    if letter == "t":
        stream = process.fds.get(_number(operand))
        return stream is not None and stream.terminal
    if letter in ACCESS:
        try:
            process.fs.access(operand, ACCESS[letter])
        except OSError:
            return False
        return True
    file = found(process, operand, follow=letter not in "hL")
    if file is None:
        return False
    if letter in KINDS:
        return KINDS[letter](file.st_mode)
    if letter in BITS:
        return bool(file.st_mode & BITS[letter])
    return {
        "e": True,
        "s": file.st_size > 0,
        "O": file.st_uid == process.fs.uid,
        "G": file.st_gid == process.fs.gid,
        "N": file.st_mtime_ns > file.st_atime_ns,
    }[letter]


def compares(process: "Process", left: str, operator: str, right: str) -> bool:
    """Return whether ``left operator right`` holds (bool).  Raises Usage."""
    if operator in ("=", "=="):
        return left == right
    if operator == "!=":
        return left != right
    if operator[1:] in COMPARISONS:
        return COMPARISONS[operator[1:]](_number(left) - _number(right))
    first, second = found(process, left), found(process, right)
    if operator == "-ef":
        same = first and second and (first.st_dev, first.st_ino) == (second.st_dev, second.st_ino)
        return bool(same)
    if operator == "-ot":
        first, second = second, first
    return first is not None and (second is None or first.st_mtime_ns > second.st_mtime_ns)


def found(process: "Process", path: str, follow: bool = True) -> "Stat | None":
    """Return what there is to know of ``path`` (Stat), or None if there is nothing."""
    try:
        return process.fs.stat(path) if follow else process.fs.lstat(path)
    except OSError:
        return None


def _number(text: str) -> int:
    if not re.fullmatch(rb"[ \t]*[-+]?\d+[ \t]*", encoded(text)):
        raise Usage(f"invalid integer {quote(text)}", hint=False)
    return int(text)
