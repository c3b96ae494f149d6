"""Arithmetic: the value of ``$((expression))``, in signed 64-bit integers as in C (POSIX, XCU 2.6.4)."""

import operator
import re
from collections.abc import Callable

SYMBOLS = re.compile(
    r"\s*(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*|[A-Za-z_]\w*|<<=|>>=|&&|\|\||[=!<>]=|<<|>>|[-+*/%&^|]=|.)\s*",
    re.ASCII | re.DOTALL,
)
PRECEDENCE = {
    sign: level
    for level, signs in enumerate("|| && | ^ & ==,!= <,>,<=,>= <<,>> +,- *,/,%".split())
    for sign in signs.split(",")
}
ASSIGNING = ("=", "+=", "-=", "*=", "/=", "%=", "<<=", ">>=", "&=", "^=", "|=")
BITS = 64
LARGEST = (1 << (BITS - 1)) - 1
OPERATIONS: dict[str, Callable[[int, int], int]] = {
    "||": lambda left, right: int(bool(left or right)),
    "&&": lambda left, right: int(bool(left and right)),
    "|": operator.or_,
    "^": operator.xor,
    "&": operator.and_,
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
    "<<": lambda left, right: left << right % BITS,  # what the processor does with more places than there are
    ">>": lambda left, right: left >> right % BITS,
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
}


class ArithmeticFailure(Exception):  # noqa: N818 (the shell makes its error of it)
    """An expression has no value: the message says why."""


def evaluate(expression: str, get: Callable[[str], int], put: Callable[[str, int], None]) -> int:
    """Return the value (int) of ``expression`` (str).  Raises ArithmeticFailure.

    ``get`` tells a variable's value (str -> int), ``put`` sets it.

    >>> evaluate("1 + x * 2", {"x": 3}.__getitem__, print)
    7
    """
    reader = _Reader(expression, get, put)
    value = reader.assignment(True)
    if reader.symbol:
        raise reader.failure("expecting EOF")
    return value


def wrapped(value: int) -> int:
    """Return ``value`` (int) as a signed 64-bit integer keeps it (int).

    >>> wrapped(1 << 63)
    -9223372036854775808
    """
    return (value + LARGEST + 1) % (1 << BITS) - LARGEST - 1


class _Reader:
    """Reads one expression, and works it out while it does."""

    def __init__(self, text: str, get: Callable[[str], int], put: Callable[[str, int], None]) -> None:
        self.text, self.get, self.put = text, get, put
        self.symbols = SYMBOLS.findall(text)[::-1] if text.strip() else []
        self.symbol = ""
        self.advance()

    def advance(self) -> str:
        """Go on to the next symbol, and return the one left behind (str)."""
        behind = self.symbol
        self.symbol = self.symbols.pop() if self.symbols else ""
        return behind

    def failure(self, message: str) -> ArithmeticFailure:
        """Return the error (ArithmeticFailure) that ``message`` (str) tells."""
        return ArithmeticFailure(f'arithmetic expression: {message}: "{self.text}"')

    def assignment(self, counts: bool) -> int:
        """Return the value of what begins here; nothing is assigned or divided unless it ``counts`` (bool)."""
        name = self.symbol
        if not (is_name(name) and self.symbols and self.symbols[-1] in ASSIGNING):
            return self.conditional(counts)
        self.advance()
        sign = self.advance()[:-1]
        value = self.assignment(counts)
        if not counts:
            return value
        if sign:
            value = self.combined(sign, self.get(name), value)
        self.put(name, value)
        return value

    def conditional(self, counts: bool) -> int:
        """Return the value of ``test ? yes : no``, or of what stands above it."""
        value = self.binary(0, counts)
        if self.symbol != "?":
            return value
        self.advance()
        yes = self.assignment(counts and value != 0)
        if self.symbol != ":":
            raise self.failure("expecting ':'")
        self.advance()
        no = self.conditional(counts and value == 0)
        return yes if value else no

    def binary(self, level: int, counts: bool) -> int:
        """Return the value of a chain of operators that bind at least as strongly as ``level`` (int)."""
        left = self.primary(counts)
        while PRECEDENCE.get(self.symbol, -1) >= level:
            sign = self.advance()
            decided = sign in ("&&", "||") and (left != 0) == (sign == "||")
            right = self.binary(PRECEDENCE[sign] + 1, counts and not decided)
            left = self.combined(sign, left, right) if counts else left
        return left

    def primary(self, counts: bool) -> int:
        """Return the value of a number, a variable, a sign with its operand, or an expression in parentheses."""
        symbol = self.advance()
        if symbol == "(":
            value = self.assignment(counts)
            if self.symbol != ")":
                raise self.failure("expecting ')'")
            self.advance()
            return value
        if symbol == "+":
            return self.primary(counts)
        if symbol == "-":
            return wrapped(-self.primary(counts))
        if symbol == "!":
            return int(not self.primary(counts))
        if symbol == "~":
            return ~self.primary(counts)
        if symbol[:1].isdigit():
            return number(symbol)
        if is_name(symbol):
            return self.get(symbol) if counts else 0
        raise self.failure("expecting primary")

    def combined(self, sign: str, left: int, right: int) -> int:
        """Return ``left sign right`` (int)."""
        if sign in ("/", "%"):
            if not right:
                raise self.failure("division by zero")
            quotient = abs(left) // abs(right) * (1 if (left < 0) == (right < 0) else -1)  # C rounds towards zero
            return wrapped(quotient if sign == "/" else left - quotient * right)
        return wrapped(OPERATIONS[sign](left, right))


def is_name(symbol: str) -> bool:
    """Return whether a symbol (str) is a variable's name (bool)."""
    return symbol[:1].isalpha() or symbol[:1] == "_"


def number(text: str) -> int:
    """Return the value of a constant (str) in C's notation (int), at most the largest one.

    >>> number("0x1f"), number("010"), number("99999999999999999999")
    (31, 8, 9223372036854775807)
    """
    base = 16 if text[:2] in ("0x", "0X") else 8 if text.startswith("0") else 10
    return min(int(text, base), LARGEST)


def variable(text: str) -> int:
    """Return the number (int) that a variable's value (str) is; nothing is 0.  Raises ValueError: it is none.

    >>> variable(" -010 "), variable("")
    (-8, 0)
    """
    found = re.fullmatch(r"\s*([-+]?)(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*|)\s*", text, re.ASCII)
    if found is None or (found[1] and not found[2]):
        raise ValueError(text)
    value = number(found[2]) if found[2] else 0
    return -value if found[1] == "-" else value
