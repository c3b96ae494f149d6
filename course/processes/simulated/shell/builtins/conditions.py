"""The built-in commands test and ``[``: whether something is so."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from course.processes.simulated.programs.conditions import ACCESS, BITS, COMPARISONS, KINDS, found, is_so
from course.processes.simulated.shell.builtins.registry import builtin
from course.processes.simulated.shell.characters import outer
from course.processes.simulated.shell.leaving import ShellError
from course.processes.simulated.shell.running import Executing

if TYPE_CHECKING:
    from course.processes.simulated.shell.shell import Shell

UNARY = frozenset(f"-{letter}" for letter in [*KINDS, *BITS, *ACCESS, *"nztesOG"])
TEXTUAL: dict[str, Callable[[str, str], bool]] = {
    "=": lambda left, right: left == right,
    "!=": lambda left, right: left != right,
    "<": lambda left, right: left < right,
    ">": lambda left, right: left > right,
}
BINARY = frozenset([*TEXTUAL, *(f"-{name}" for name in COMPARISONS), "-nt", "-ot", "-ef"])
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
        if operator[1:] in COMPARISONS:
            return COMPARISONS[operator[1:]](_number(left) - _number(right))
        first, second = (found(self.shell.process, outer(path)) for path in (left, right))
        if first is None or second is None:
            return False
        if operator == "-ef":
            return (first.st_dev, first.st_ino) == (second.st_dev, second.st_ino)
        return (
            (first.st_mtime_ns > second.st_mtime_ns) if operator == "-nt" else (first.st_mtime_ns < second.st_mtime_ns)
        )

    def _unary(self, operator: str, operand: str) -> bool:
        if operator == "-t":
            stream = self.shell.process.fds.get(_number(operand))
            return stream is not None and stream.terminal
        return is_so(self.shell.process, operator[1:], outer(operand))


def _number(text: str) -> int:
    if not re.fullmatch(r"\s*[-+]?[0-9]+\s*", text, re.ASCII) or not -LARGEST - 1 <= int(text) <= LARGEST:
        raise ShellError(f"Illegal number: {text}")
    return int(text)
