"""What HEALTHCHECK says: the test, and its times in nanoseconds, as an image's config has them."""

import re
from decimal import Decimal

from course.engine.build.instruction import Instruction
from course.engine.build.quoting import quoted

UNITS = {
    "ns": 1,
    "us": 10**3,
    "\u00b5s": 10**3,
    "\u03bcs": 10**3,
    "ms": 10**6,
    "s": 10**9,
    "m": 60 * 10**9,
    "h": 3600 * 10**9,
}
DURATION = re.compile(r"[-+]?(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)[^0-9.]+)+")
PART = re.compile(r"([0-9]+\.?[0-9]*|\.[0-9]+)([^0-9.]+)")
SHORTEST = 10**6
LONGEST = 2**63 - 1
TIMES = {
    "interval": "Interval",
    "timeout": "Timeout",
    "start-period": "StartPeriod",
    "start-interval": "StartInterval",
}


def healthcheck(instruction: Instruction) -> dict[str, object]:
    """Return the ``Healthcheck`` of an image's config (dict) that a HEALTHCHECK says.

    Raises ValueError, in docker's words.  Rule: Dockerfile reference, "HEALTHCHECK".

    >>> healthcheck(Instruction("HEALTHCHECK", ("CMD", "wget -q localhost"), (("interval", "1m30s"),)))
    {'Test': ['CMD-SHELL', 'wget -q localhost'], 'Interval': 90000000000}
    """
    kind, *words = instruction.arguments
    if kind.upper() == "NONE":
        return {"Test": ["NONE"]}
    found: dict[str, object] = {"Test": ["CMD" if instruction.is_exec else "CMD-SHELL", *words]}
    for flag, name in TIMES.items():
        value = instruction.flag(flag)
        time = duration(value) if value else 0
        if 0 != time < SHORTEST:
            raise ValueError(f'Interval "{flag}" cannot be less than 1ms')
        if time:
            found[name] = time
    if instruction.flag("retries"):
        found["Retries"] = _retries(instruction.flag("retries"))
    return found


def duration(text: str) -> int:
    """Return a time such as ``1m30s`` in nanoseconds (int).  Raises ValueError, in the words of Go's time package.

    >>> duration("1.5s"), duration("0")
    (1500000000, 0)
    """
    if text.lstrip("+-") == "0" and len(text) <= 2:
        return 0
    if re.fullmatch(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)", text):
        raise ValueError(f"time: missing unit in duration {quoted(text)}")
    if not DURATION.fullmatch(text) or len(text) > 100:
        raise ValueError(f"time: invalid duration {quoted(text)}")
    total = Decimal(0)
    for amount, unit in PART.findall(text):
        if unit not in UNITS:
            raise ValueError(f"time: unknown unit {quoted(unit)} in duration {quoted(text)}")
        total += Decimal(amount) * UNITS[unit]
    if total > LONGEST:
        raise ValueError(f"time: invalid duration {quoted(text)}")
    return -int(total) if text.startswith("-") else int(total)


def _retries(text: str) -> int:
    if not re.fullmatch(r"[-+]?[0-9]+", text):
        raise ValueError(f"strconv.ParseInt: parsing {quoted(text)}: invalid syntax")
    if len(text) > 11 or not -(2**31) <= int(text) < 2**31:
        raise ValueError(f"strconv.ParseInt: parsing {quoted(text)}: value out of range")
    if int(text) < 0:
        raise ValueError(f"--retries cannot be negative ({int(text)})")
    return int(text)
