"""The kinds of values that options take: text to value, refused in the words of Go and docker's own packages."""

import re
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from course.engine.go_durations import LARGEST, duration
from course.engine.go_text import quoted

TRUE, FALSE = ("1", "t", "T", "true", "TRUE", "True"), ("0", "f", "F", "false", "FALSE", "False")
INTEGER = re.compile(r"[+-]?(0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]*|[1-9][0-9]*)")
SIZE = re.compile(r"(\d+(?:\.\d+)*) ?([kKmMgGtTpP])?[iI]?[bB]?", re.ASCII)
RATIONAL = re.compile(r"[+-]?(\d{1,18}(\.\d{0,18})?|\.\d{1,18})([eE][+-]?\d{1,2})?|[+-]?\d{1,18}/\d{1,18}", re.ASCII)


def truth(text: str) -> bool:
    """Return what a boolean option was given (bool).  Raises ValueError.  Rule: Go, strconv.ParseBool."""
    if text not in TRUE + FALSE:
        raise ValueError(f"strconv.ParseBool: parsing {quoted(text)}: invalid syntax")
    return text in TRUE


def integer(text: str) -> int:
    """Return an integer of 64 bits (int), in the bases that Go writes.  Raises ValueError.  Rule: strconv.ParseInt.

    >>> integer("0x10"), integer("-1")
    (16, -1)
    """
    if not INTEGER.fullmatch(text):
        raise ValueError(f"strconv.ParseInt: parsing {quoted(text)}: invalid syntax")
    digits = text.lstrip("+-")
    octal = len(digits) > 1 and digits[0] == "0" and digits[1].isdigit()
    # Python refuses to read thousands of digits, in words of its own
    value = LARGEST + 1 if len(digits) > 70 else int(digits, 8 if octal else 0)
    if value > LARGEST:
        raise ValueError(f"strconv.ParseInt: parsing {quoted(text)}: value out of range")
    return -value if text[0] == "-" else value


def size(text: str) -> int:
    """Return a number of bytes (int) from a text such as ``64m``, in powers of 1024.  Raises ValueError.

    Rule: docker/go-units, size.go, RAMInBytes.

    >>> size("64m"), size("1.5KiB")
    (67108864, 1536)
    """
    match = SIZE.fullmatch(text)
    if match is None:
        raise ValueError(f"invalid size: '{text}'")
    number, unit = match.groups()
    if number.count(".") > 1:
        raise ValueError(f"strconv.ParseFloat: parsing {quoted(number)}: invalid syntax")
    amount = float(number) * 1024 ** ("kmgtp".index(unit.lower()) + 1 if unit else 0)
    return int(min(amount, LARGEST))


def decimal(text: str) -> float:
    """Return a number of CPUs (float).  Raises ValueError.  Rule: docker/cli, opts/opts.go, ParseCPUs."""
    if not RATIONAL.fullmatch(text) or re.search("/0+$", text):
        raise ValueError(f"failed to parse {text} as a rational number")
    value = Fraction(text)
    if (value * 10**9).denominator != 1:
        raise ValueError("value is too precise")
    return float(value)


def pair(text: str) -> tuple[str, str]:
    """Return a name and its value (tuple of str), the value empty where there is none."""
    name, _equals, value = text.partition("=")
    return name, value


def condition(text: str) -> tuple[str, str]:
    """Return a filter's name and value (tuple of str).  Raises ValueError.  Rule: docker/cli, opts.go, FilterOpt."""
    name, equals, value = text.partition("=")
    if not equals:
        raise ValueError("bad format of filter (expected name=value)")
    return name.strip().lower(), value.strip()


def mount(text: str) -> str:
    """Return a ``--mount`` (str) if every field has a value.  Raises ValueError.  Rule: docker/cli, opts/mount.go."""
    for field in text.split(","):
        if "=" not in field and field.lower() not in ("readonly", "ro", "volume-nocopy", "bind-nonrecursive"):
            raise ValueError(f"invalid field '{field}' must be a key=value pair")
    return text


def swap(text: str) -> int:
    """Return a number of bytes (int), -1 for any.  Raises ValueError.  Rule: docker/cli, opts/opts.go, MemSwapBytes."""
    return -1 if text == "-1" else size(text)


KINDS: dict[str, Callable[[str], Any]] = {
    "bool": truth,
    "int": integer,
    "bytes": size,
    "decimal": decimal,
    "duration": duration,
    "map": pair,
    "filter": condition,
    "mount": mount,
    "string": str,
    "list": str,
    "strings": str,
    "network": str,
    "memory-swap": swap,
}
"""How a text becomes a value, by the word that docker's help puts after an option's name, or by the option's name."""


def added(kind: str, before: Any, value: Any) -> Any:
    """Return what an option holds that was given ``value`` after it held ``before`` (None at first).

    A ``list`` and ``mount`` is a list of str, ``strings`` too (each value may be many, between commas), a ``map`` is a
    dict of str, a ``filter`` a dict of lists of str; of the others the last value counts.

    >>> added("filter", {"label": ["a"]}, ("label", "b=c"))
    {'label': ['a', 'b=c']}
    """
    if kind in ("list", "mount"):
        return [*(before or []), value]
    if kind == "strings":
        return [*(before or []), *value.split(",")]
    if kind == "map":
        return {**(before or {}), value[0]: value[1]}
    if kind == "filter":
        name, text = value
        return {**(before or {}), name: [*(before or {}).get(name, []), text]}
    return value
