"""expr: a value from an expression, each of whose parts is an argument of its own."""

import re
from typing import TYPE_CHECKING

from course.processes.simulated.programs.buffering import Output, decoded, encoded
from course.processes.simulated.programs.quoting import quote
from course.processes.simulated.programs.registry import Usage, program
from course.processes.simulated.programs.regular_expressions import BadPattern, Pattern

if TYPE_CHECKING:
    from course.processes.simulated.process import Process, Run

LEVELS = [["|"], ["&"], ["<", "<=", "=", "==", "!=", ">=", ">"], ["+", "-"], ["*", "/", "%"], [":"]]
"""Operators by how loosely they bind (list of list of str)."""

NUMBER = re.compile(r"-?\d+", re.ASCII)


@program("expr", usage_status=2)
def expr(process: "Process", argv: list[str]) -> "Run":
    """Evaluate an expression and print its value (expr(1)): the status is 1 if that is null or 0."""
    words = argv[2:] if argv[1:2] == ["--"] else argv[1:]
    if not words:
        raise Usage("missing operand")
    evaluation = Evaluation(words)
    value = evaluation.level(0)
    if evaluation.words:
        raise Usage(f"syntax error: unexpected argument {quote(evaluation.words[0])}", hint=False)
    out = Output(process)
    yield from out.print(f"{value}\n")
    yield from out.flush()
    return 1 if _is_null(value) else 0


def _is_null(value: str) -> bool:
    return re.fullmatch("-?0*", value) is not None and value != "-"


class Evaluation:
    """The evaluation of ``words`` (list of str), taken from the left.  Its methods raise Usage."""

    def __init__(self, words: list[str]) -> None:
        self.words = list(words)
        self.last = ""
        self.asleep = 0  # within a part whose value does not matter, errors of value are no errors

    def _next(self) -> str:
        if not self.words:
            raise Usage(f"syntax error: missing argument after {quote(self.last)}", hint=False)
        self.last = self.words.pop(0)
        return self.last

    def _sees(self, *words: str) -> bool:
        return bool(self.words) and self.words[0] in words

    def level(self, number: int) -> str:
        """Return the value (str) of the next part, whose operators bind at least as ``LEVELS[number]`` do."""
        if number == len(LEVELS):
            return self._primary()
        value = self.level(number + 1)
        while self._sees(*LEVELS[number]):
            operator = self._next()
            decided = (operator == "|" and not _is_null(value)) or (operator == "&" and _is_null(value))
            self.asleep += decided
            other = self.level(number + 1)
            self.asleep -= decided
            value = self._apply(value, operator, other)
        return value

    def _apply(self, left: str, operator: str, right: str) -> str:
        if operator == "|":
            return left if not _is_null(left) else right if not _is_null(right) else "0"
        if operator == "&":
            return left if not _is_null(left) and not _is_null(right) else "0"
        if operator == ":":
            return self._match(left, right)
        if operator in LEVELS[2]:
            return str(int(_compares(left, operator, right)))
        if self.asleep:
            return "0"
        if not NUMBER.fullmatch(left) or not NUMBER.fullmatch(right):
            raise Usage("non-integer argument", hint=False)
        one, two = int(left), int(right)
        if operator in "/%" and two == 0:
            raise Usage("division by zero", hint=False)
        if operator in "/%":
            quotient = abs(one) // abs(two) * (1 if (one < 0) == (two < 0) else -1)  # C divides towards zero
            return str(quotient if operator == "/" else one - quotient * two)
        return str({"+": one + two, "-": one - two, "*": one * two}[operator])

    def _primary(self) -> str:
        word = self._next()
        if word == "(":
            value = self.level(0)
            if not self.words:
                raise Usage(f"syntax error: expecting ')' after {quote(self.last)}", hint=False)
            if not self._sees(")"):
                raise Usage(f"syntax error: expecting ')' instead of {quote(self.words[0])}", hint=False)
            self._next()
            return value
        if word == ")":
            raise Usage("syntax error: unexpected ')'", hint=False)
        if word == "+":
            return self._next()
        if word == "length":
            return str(len(encoded(self.level(len(LEVELS)))))
        if word == "match":
            return self._match(self.level(len(LEVELS)), self.level(len(LEVELS)))
        if word == "index":
            text, wanted = encoded(self.level(len(LEVELS))), encoded(self.level(len(LEVELS)))
            return str(next((place for place, byte in enumerate(text, start=1) if byte in wanted), 0))
        if word == "substr":
            text = encoded(self.level(len(LEVELS)))
            start, length = self.level(len(LEVELS)), self.level(len(LEVELS))
            if not NUMBER.fullmatch(start) or not NUMBER.fullmatch(length) or int(start) < 1 or int(length) < 1:
                return ""
            return decoded(text[int(start) - 1 : int(start) - 1 + int(length)])
        return word

    def _match(self, text: str, pattern: str) -> str:
        """Return what the first sub-expression matches (str), or without one how many characters match."""
        try:
            compiled = Pattern(pattern, within="\\A{}")
        except BadPattern as error:
            raise Usage(str(error), hint=False) from None
        found = compiled.search(encoded(text))
        if compiled.groups:
            return decoded((found[1] or b"") if found else b"")
        return str(found.end() if found else 0)


def _compares(left: str, operator: str, right: str) -> bool:
    if NUMBER.fullmatch(left) and NUMBER.fullmatch(right):
        difference = int(left) - int(right)
    else:
        one, two = encoded(left), encoded(right)
        difference = (one > two) - (one < two)
    return {
        "<": difference < 0,
        "<=": difference <= 0,
        "=": difference == 0,
        "==": difference == 0,
        "!=": difference != 0,
        ">=": difference >= 0,
        ">": difference > 0,
    }[operator]
