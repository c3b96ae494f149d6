"""The keys of sort(1): which part of a line is compared, and as what."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cmp_to_key
from itertools import zip_longest

from course.processes.simulated.programs.quoting import quote
from course.processes.simulated.programs.registry import Usage

BLANKS = b" \t\n"
UNITS = b"KMGTPEZY"
MONTHS = [b"JAN", b"FEB", b"MAR", b"APR", b"MAY", b"JUN", b"JUL", b"AUG", b"SEP", b"OCT", b"NOV", b"DEC"]
LETTERS = bytes(byte for byte in range(256) if not (bytes([byte]).isalnum() or byte in BLANKS))  # not in -d order
UNPRINTABLE = bytes(byte for byte in range(256) if not 32 <= byte < 127)
KINDS = "ghMnV"
NO_END = 10**9  # a field that no line has


@dataclass
class Key:
    """A part of a line: from ``first`` to ``last`` (pairs of int: field, character), compared as ``wishes`` say.

    ``wishes`` is a set of the letters d, f, g, h, i, M, n, r, V (and b for the start, B for the end: without leading
    blanks).  ``tab`` (bytes) separates fields, b"" for the places between blanks and non-blanks.
    """

    first: tuple[int, int] = (0, 0)
    last: tuple[int, int] = (NO_END, 0)
    wishes: set[str] = field(default_factory=set)
    tab: bytes = b""

    @property
    def reverse(self) -> bool:
        """Whether the order is reversed (bool)."""
        return "r" in self.wishes

    def value(self, line: bytes) -> object:
        """Return what ``line`` (bytes) is compared by: values of one key can be compared with each other."""
        text = line
        if self.first != (0, 0) or self.last[0] != NO_END or "b" in self.wishes:
            start, end = self._start(line), self._end(line)
            text = line[start : max(start, end)]
        kind = next((letter for letter in KINDS if letter in self.wishes), "")
        if kind:
            return VALUES[kind](text)
        if "d" in self.wishes:
            text = text.translate(None, LETTERS)
        elif "i" in self.wishes:
            text = text.translate(None, UNPRINTABLE)
        return text.upper() if "f" in self.wishes else text

    def _start(self, line: bytes) -> int:
        number, letter = self.first
        at = self._skip(line, number)
        if self.tab and at < 0:
            return len(line)
        if "b" in self.wishes:
            at = _past_blanks(line, at)
        return min(len(line), at + letter)

    def _end(self, line: bytes) -> int:
        number, letter = self.last
        if letter == 0:
            if number >= NO_END:
                return len(line)
            at = self._skip(line, number + 1)
            return len(line) if at < 0 else at - 1 if self.tab else at
        at = self._skip(line, number)
        if at < 0:
            return len(line)
        if "B" in self.wishes:
            at = _past_blanks(line, at)
        return min(len(line), at + letter)

    def _skip(self, line: bytes, count: int) -> int:
        """Return where the field after ``count`` (int) others begins (int); -1 if there is no such separator."""
        at = 0
        for _ in range(count):
            if self.tab:
                at = line.find(self.tab, at) + 1
                if not at:
                    return -1
            else:
                at = _past_blanks(line, at)
                while at < len(line) and line[at] not in BLANKS:
                    at += 1
                if at == len(line):
                    break
        return at


def _past_blanks(line: bytes, at: int) -> int:
    while at < len(line) and line[at] in BLANKS:
        at += 1
    return at


def parse(text: str) -> Key:
    """Return the key (Key) that the argument of -k (str) describes.  Raises Usage.

    >>> parse("2.3nr,4").first, parse("2.3nr,4").last, sorted(parse("2,4nr").wishes)
    ((1, 2), (3, 0), ['n', 'r'])
    """
    key = Key()
    number, letter, rest = _position(text, text, "field start")
    if letter == 0:
        raise Usage(f"character offset is zero: invalid field specification {quote(text)}", hint=False)
    key.first = (number - 1, (letter or 1) - 1)
    rest = _wishes(key, rest, "b")
    if rest.startswith(","):
        number, letter, rest = _position(rest[1:], text, "','")
        key.last = (number - 1, letter or 0)
        rest = _wishes(key, rest, "B")
    if rest:
        raise Usage(f"stray character in field spec: invalid field specification {quote(text)}", hint=False)
    return key


def _position(text: str, whole: str, where: str) -> tuple[int, int | None, str]:
    """Return a field's number, the character's number if one is given, and the rest of the text."""
    found = re.match(r"\s*\+?(\d+)", text)
    if not found:
        after = f"after {where}" if where == "','" else f"at {where}"
        raise Usage(f"invalid number {after}: invalid count at start of {quote(text)}", hint=False)
    number, rest, letter = int(found[1]), text[found.end() :], None
    if number == 0:
        raise Usage(f"field number is zero: invalid field specification {quote(whole)}", hint=False)
    if rest.startswith("."):
        found = re.match(r"\s*\+?(\d+)", rest[1:])
        if not found:
            raise Usage(f"invalid number after '.': invalid count at start of {quote(rest[1:])}", hint=False)
        letter, rest = int(found[1]), rest[1 + found.end() :]
    return number, letter, rest


def _wishes(key: Key, text: str, blanks: str) -> str:
    while text and text[0] in "bdfghiMnrV":
        key.wishes.add(blanks if text[0] == "b" else text[0])
        text = text[1:]
    return text


def incompatible(wishes: set[str]) -> str:
    """Return the letters (str) of ``wishes`` (set of str) that cannot go together, or an empty text.

    >>> incompatible({"n", "h"}), incompatible({"n", "r"})
    ('hn', '')
    """
    kinds = wishes & set(KINDS)
    if len(kinds) + bool(wishes & {"d", "i"}) <= 1:
        return ""
    return "".join(letter for letter in "dfghiMnV" if letter in kinds or (letter in "di" and letter in wishes))


def _numeric(text: bytes) -> Decimal:
    found = re.match(rb"[ \t\n]*(-?)(\d*)(?:\.(\d*))?", text)
    digits = b"%s%s.%s" % (found[1], found[2] or b"0", found[3] or b"0") if found else b"0"
    return Decimal(digits.decode())


def _human(text: bytes) -> tuple[int, Decimal]:
    number = _numeric(text)
    found = re.match(rb"[ \t\n]*-?\d*(?:\.\d*)?([A-Za-z]?)", text)
    unit = found[1].replace(b"k", b"K") if found else b""
    order = UNITS.find(unit) + 1 if unit and number else 0
    return (-order if number < 0 else order), number


def _general(text: bytes) -> tuple[int, float]:
    pattern = rb"\s*([+-]?(?:0x[\da-f]+|\d+\.?\d*(?:e[+-]?\d+)?|\.\d+(?:e[+-]?\d+)?|inf(?:inity)?|nan))"
    found = re.match(pattern, text, re.IGNORECASE)
    if not found:
        return 0, 0.0
    word = found[1].decode().lower()
    number = float.fromhex(word) if "0x" in word else float(word)
    return (2, number) if number == number else (1, 0.0)


def _month(text: bytes) -> int:
    name = text.lstrip(BLANKS)[:3].upper()
    return MONTHS.index(name) + 1 if name in MONTHS else 0


def _compare_versions(one: bytes, other: bytes) -> int:
    """Compare as GNU's filevercmp: dots first, then without the suffix, then with it."""
    if one == other:
        return 0
    for special in (b"", b".", b".."):
        if special in (one, other):
            return -1 if one == special else 1
    if one.startswith(b".") != other.startswith(b"."):
        return -1 if one.startswith(b".") else 1
    suffix = re.compile(rb"(?:\.[A-Za-z~][A-Za-z0-9~]*)*\Z")
    heads = [suffix.sub(b"", text, count=1) or text for text in (one, other)]
    return _compare_parts(*heads) or _compare_parts(one, other)


def _compare_parts(one: bytes, other: bytes) -> int:
    """Compare runs of non-digits by rank and runs of digits by value, in turn."""
    pattern = re.compile(rb"(\D*)(\d*)")
    for (text, number), (text2, number2) in zip_longest(
        pattern.findall(one), pattern.findall(other), fillvalue=(b"", b"")
    ):
        for a, b in zip_longest(text, text2):
            if _rank(a) != _rank(b):
                return _rank(a) - _rank(b)
        if int(number or 0) != int(number2 or 0):
            return int(number or 0) - int(number2 or 0)
    return 0


def _rank(byte: int | None) -> int:
    if byte is None or 48 <= byte < 58:
        return 0
    return byte if chr(byte).isascii() and chr(byte).isalpha() else -1 if byte == ord("~") else byte + 256


VALUES: dict[str, Callable[[bytes], object]] = {
    "n": _numeric,
    "h": _human,
    "g": _general,
    "M": _month,
    "V": cmp_to_key(_compare_versions),
}
