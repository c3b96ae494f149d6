"""What HEALTHCHECK says: the test, and its times in nanoseconds, as an image's config has them."""

import re

from course.engine.build.instruction import Instruction
from course.engine.go_durations import duration
from course.engine.go_text import quoted

SHORTEST = 10**6
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


def _retries(text: str) -> int:
    if not re.fullmatch(r"[-+]?[0-9]+", text):
        raise ValueError(f"strconv.ParseInt: parsing {quoted(text)}: invalid syntax")
    if len(text) > 11 or not -(2**31) <= int(text) < 2**31:
        raise ValueError(f"strconv.ParseInt: parsing {quoted(text)}: value out of range")
    if int(text) < 0:
        raise ValueError(f"--retries cannot be negative ({int(text)})")
    return int(text)
