"""The built-in commands test and ``[``: whether something is so."""

import re
import stat
from collections.abc import Callable
from typing import TYPE_CHECKING

from course.processes.simulated.shell.builtins.registry import builtin
from course.processes.simulated.shell.characters import outer
from course.processes.simulated.shell.leaving import ShellError
from course.processes.simulated.shell.running import Executing
from course.union import flags
from course.union.filesystem import Stat

if TYPE_CHECKING:
    from course.processes.simulated.shell.shell import Shell

KINDS = {
    "-f": stat.S_ISREG,
    "-d": stat.S_ISDIR,
    "-c": stat.S_ISCHR,
    "-b": stat.S_ISBLK,
    "-p": stat.S_ISFIFO,
    "-S": stat.S_ISSOCK,
    "-h": stat.S_ISLNK,
    "-L": stat.S_ISLNK,
}
BITS = {"-u": stat.S_ISUID, "-g": stat.S_ISGID, "-k": stat.S_ISVTX}
ACCESS = {"-r": flags.R_OK, "-w": flags.W_OK, "-x": flags.X_OK}
UNARY = frozenset([*KINDS, *BITS, *ACCESS, "-n", "-z", "-t", "-e", "-s", "-O", "-G"])
NUMERIC: dict[str, Callable[[int, int], bool]] = {
    "-eq": lambda left, right: left == right,
    "-ne": lambda left, right: left != right,
    "-ge": lambda left, right: left >= right,
    "-gt": lambda left, right: left > right,
    "-le": lambda left, right: left <= right,
    "-lt": lambda left, right: left < right,
}
TEXTUAL: dict[str, Callable[[str, str], bool]] = {
    "=": lambda left, right: left == right,
    "!=": lambda left, right: left != right,
    "<": lambda left, right: left < right,
    ">": lambda left, right: left > right,
}
BINARY = frozenset([*NUMERIC, *TEXTUAL, "-nt", "-ot", "-ef"])
LARGEST = (1 << 63) - 1


@builtin("test", "[")
def condition(shell: "Shell", words: list[str]) -> Executing:
    """Return 0 if the expression holds, 1 if it does not."""
    operands = words[1:]
    if words[0] == "[":
        if operands[-1:] != ["]"]:
            raise ShellError("missing ]")
        del operands[-1]
    return 0 if Expression(shell, operands).holds() else 1
    yield  # a generator, as all built-in commands


class Expression:
    """An expression of ``test``: reads its ``words`` (list of str) in the order that dash does."""

    def __init__(self, shell: "Shell", words: list[str]) -> None:
        self.shell, self.words, self.at = shell, words, 0

    def holds(self) -> bool:
        """Return whether it holds (bool).  Raises ShellError.  Rule: XCU test, for up to four arguments."""
        words, negated = self.words, False
        while len(words) in (3, 4) and not (len(words) == 3 and words[1] in BINARY):
            if words[0] == "(" and words[-1] == ")":
                words = words[1:-1]
                break
            if words[0] != "!":
                break
            words, negated = words[1:], not negated
        self.words = words
        if not words:
            return negated
        if len(words) == 3 and words[1] in BINARY:
            return self._binary() != negated
        value = self._either()
        if self.at + 1 < len(words):
            raise ShellError(f"{words[self.at]}: unexpected operator")
        return value != negated

    def _word(self, ahead: int = 0) -> str | None:
        at = self.at + ahead
        return self.words[at] if at < len(self.words) else None

    def _either(self) -> bool:
        value = self._both()
        while self._word(1) == "-o":
            self.at += 2
            value = self._both() or value
        return value

    def _both(self) -> bool:
        value = self._negated()
        while self._word(1) == "-a":
            self.at += 2
            value = self._negated() and value
        return value

    def _negated(self) -> bool:
        if self._word() != "!" or self._is_operand():
            return self._primary()
        if self._word(1) is not None:
            self.at += 1
            return not self._negated()
        return True

    def _is_operand(self) -> bool:
        """Return whether an operator stands where it is an operand (bool): last, or before a binary operator."""
        word, following = self._word(), self._word(1)
        if word in UNARY:
            return following is None or (self._word(2) is not None and following in BINARY)
        return word == "(" and following is None

    def _primary(self) -> bool:
        word = self._word()
        if word is None:
            return False
        if word == "(" and not self._is_operand():
            self.at += 1
            if self._word() == ")":
                return False
            value = self._either()
            self.at += 1
            if self._word() != ")":
                raise ShellError("closing paren expected")
            return value
        if word in UNARY and not self._is_operand():
            self.at += 1
            return self._unary(word, self.words[self.at])
        if self._word(1) in BINARY:
            return self._binary()
        return word != ""

    def _binary(self) -> bool:
        left, operator, right = self.words[self.at], self.words[self.at + 1], self._word(2)
        self.at += 2
        if right is None:
            raise ShellError(f"{operator}: argument expected")
        if operator in TEXTUAL:
            return TEXTUAL[operator](left, right)
        if operator in NUMERIC:
            return NUMERIC[operator](_number(left), _number(right))
        first, second = self._stat(left), self._stat(right)
        if first is None or second is None:
            return False
        if operator == "-ef":
            return (first.st_dev, first.st_ino) == (second.st_dev, second.st_ino)
        return (
            (first.st_mtime_ns > second.st_mtime_ns) if operator == "-nt" else (first.st_mtime_ns < second.st_mtime_ns)
        )

    def _unary(self, operator: str, operand: str) -> bool:
        if operator in ("-n", "-z"):
            return (operand == "") == (operator == "-z")
        if operator == "-t":
            stream = self.shell.process.fds.get(_number(operand))
            return stream is not None and stream.terminal
        if operator in ACCESS:
            return self._allowed(operand, ACCESS[operator])
        found = self._stat(operand, follow=operator not in ("-h", "-L"))
        if found is None:
            return False
        if operator in KINDS:
            return KINDS[operator](found.st_mode)
        if operator in BITS:
            return bool(found.st_mode & BITS[operator])
        fs = self.shell.process.fs
        return {"-e": True, "-s": found.st_size > 0, "-O": found.st_uid == fs.uid, "-G": found.st_gid == fs.gid}[
            operator
        ]

    def _stat(self, path: str, follow: bool = True) -> Stat | None:
        fs = self.shell.process.fs
        try:
            return fs.stat(outer(path)) if follow else fs.lstat(outer(path))
        except OSError:
            return None

    def _allowed(self, path: str, mode: int) -> bool:
        try:
            self.shell.process.fs.access(outer(path), mode)
        except OSError:
            return False
        return True


def _number(text: str) -> int:
    if not re.fullmatch(r"\s*[-+]?[0-9]+\s*", text, re.ASCII) or not -LARGEST - 1 <= int(text) <= LARGEST:
        raise ShellError(f"Illegal number: {text}")
    return int(text)
