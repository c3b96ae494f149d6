"""Durations as Go writes and reads them: ``1m30s``."""

import re
from fractions import Fraction

from course.engine.go_text import quoted

DURATION = re.compile(r"(\d+\.?\d*|\.\d+)([^\d.]*)", re.ASCII)
NANOSECONDS = {
    "ns": 1,
    "us": 10**3,
    "\u00b5s": 10**3,
    "\u03bcs": 10**3,
    "ms": 10**6,
    "s": 10**9,
    "m": 60 * 10**9,
    "h": 3600 * 10**9,
}
LARGEST = 2**63 - 1


def duration(text: str) -> int:
    """Return nanoseconds (int) from a text such as ``1m30s``.  Raises ValueError.  Rule: Go, time.ParseDuration.

    >>> duration("1m30s")
    90000000000
    """
    sign, rest = (-1, text[1:]) if text.startswith("-") else (1, text.removeprefix("+"))
    if rest == "0":
        return 0
    total, at = Fraction(0), 0
    while at < len(rest) or not rest:
        match = DURATION.match(rest, at)
        if match is None or len(match[1]) > 40:
            raise ValueError(f"time: invalid duration {quoted(text)}")
        number, unit = match.groups()
        if not unit:
            raise ValueError(f"time: missing unit in duration {quoted(text)}")
        if unit not in NANOSECONDS:
            raise ValueError(f"time: unknown unit {quoted(unit)} in duration {quoted(text)}")
        total += Fraction(number) * NANOSECONDS[unit]
        at = match.end()
    if total > LARGEST:
        raise ValueError(f"time: invalid duration {quoted(text)}")
    return sign * int(total)
