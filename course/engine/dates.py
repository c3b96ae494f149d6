"""Dates as an image's config has them (RFC 3339, to the nanosecond), and as the engine's clock counts them."""

import re
from datetime import UTC, datetime, timedelta

from course.engine.go_durations import duration
from course.engine.go_text import quoted

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SECONDS = re.compile(r"\d{1,12}(\.\d{1,9})?", re.ASCII)
DATE = re.compile(r"(\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?([Zz]|[+-]\d\d:\d\d)", re.ASCII)


def date(nanoseconds: int) -> str:
    """Return a moment (int, nanoseconds since 1970) as docker writes it into a config (str).

    >>> date(1_767_225_600_500_000_000)
    '2026-01-01T00:00:00.5Z'
    """
    seconds, part = divmod(nanoseconds, 10**9)
    fraction = f".{part:09}".rstrip("0") if part else ""
    return f"{(EPOCH + timedelta(seconds=seconds)).replace(tzinfo=None).isoformat()}{fraction}Z"


def moment(text: str) -> int:
    """Return when a date of a config (str) was (int, nanoseconds since 1970); 0 if the text is none.

    >>> moment("2026-01-01T01:00:00.5+01:00") == 1_767_225_600_500_000_000, moment("yesterday")
    (True, 0)
    """
    match = DATE.fullmatch(text)
    if match is None:
        return 0
    day, fraction, zone = match.groups()
    try:
        whole = datetime.fromisoformat(day.upper() + ("+00:00" if zone in "Zz" else zone))
    except ValueError:
        return 0
    return (whole - EPOCH) // timedelta(seconds=1) * 10**9 + int((fraction or "").ljust(9, "0"))


def named_moment(text: str, now: int) -> int:
    """Return the moment that a person names (int, nanoseconds since 1970), as seen from ``now`` (int, the same).

    It is a date, a number of seconds since 1970, or how long ago it was.  Raises ValueError.
    Rule: moby, api/types/time/timestamp.go, GetTimestamp.

    >>> now = moment("2026-01-01T01:30:00Z")
    >>> {date(named_moment(text, now)) for text in ("1h30m", "2026-01-01", "2026-01-01T00:00:00", "1767225600.0")}
    {'2026-01-01T00:00:00Z'}
    """
    if SECONDS.fullmatch(text):
        seconds, _dot, fraction = text.partition(".")
        return int(seconds) * 10**9 + int(fraction.ljust(9, "0"))
    if found := moment(text) or moment(text + "Z") or moment(text + "T00:00:00Z"):
        return found
    try:
        return now - duration(text)
    except ValueError:
        raise ValueError(f"failed to parse value as time or duration: {quoted(text)}") from None
