"""Dates in words: what ``touch -d`` and ``date -d`` take, such as ``2024-02-29 12:30`` or ``3 days ago``."""

import re
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from course.processes.simulated.programs.times import DAYS, EPOCH, LONG_MONTHS, MONTHS, SECOND, moment

UNITS = {
    "sec": 1,
    "second": 1,
    "min": 60,
    "minute": 60,
    "hour": 3600,
    "day": 86400,
    "week": 7 * 86400,
    "fortnight": 14 * 86400,
    "month": "months",
    "year": "years",
}
ORDINALS = {"last": -1, "this": 0, "next": 1, "first": 1, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6}
WORDS = {"now": 0, "today": 0, "tomorrow": 86400, "yesterday": -86400}
MONTH = "(?P<name>" + "|".join(sorted((*LONG_MONTHS, *MONTHS, "Sept"), key=len, reverse=True)) + r")\.?"
WEEKDAY = "(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?"
CLOCK = r"(\d\d?):(\d\d)(?::(\d\d)(?:[.,](\d+))?)?"
UNIT = "(" + "|".join(sorted(UNITS, key=len, reverse=True)) + ")s?"


@dataclass(slots=True)
class _Found:
    """What a text was found to say; ``moved`` are seconds, ``months`` months to add."""

    day: tuple[int, int, int] | None = None
    time: tuple[int, int, int, int] | None = None
    zone: int | None = None
    weekday: tuple[int, int] | None = None
    moved: int = 0
    months: int = 0
    seen: set[str] = field(default_factory=set)


def parse(text: str, now: int) -> int:
    """Return the time (int, nanoseconds since 1970) that ``text`` (str) says, as seen at ``now`` (the same).

    Raises ValueError: it says none.  Rule: coreutils manual, "Date input formats"; times are in UTC.

    >>> parse("2023-11-14 22:13:20", 0), parse("@1.5", 0), parse("1970-01-02 1 hour ago", 0)
    (1700000000000000000, 1500000000, 82800000000000)
    """
    stamp = re.fullmatch(r"\s*@(-?\d{1,11})(?:[.,](\d{1,9})\d*)?\s*", text)
    if stamp:
        return int(stamp[1]) * SECOND + int((stamp[2] or "").ljust(9, "0"))
    found, rest = _Found(), text.strip()
    while rest:
        for pattern, take in RULES:
            match = re.match(pattern, rest, re.IGNORECASE)
            if match:
                take(found, match, now)
                rest = rest[match.end() :].lstrip(" ,\t")
                break
        else:
            raise ValueError(text)
    try:
        return _together(found, now)
    except OverflowError:
        raise ValueError(text) from None


def posix(text: str, now: int) -> int:
    """Return the time (int, nanoseconds since 1970) that ``[[CC]YY]MMDDhhmm[.ss]`` (str) says.  Raises ValueError.

    >>> posix("197001010001.05", 0)
    65000000000
    """
    match = re.fullmatch(r"(\d\d)?(\d\d)?(\d\d)(\d\d)(\d\d)(\d\d)(?:\.(\d\d))?", text, re.ASCII)
    if not match:
        raise ValueError(text)
    century, year, month, day, hour, minute, second = (int(part) if part else None for part in match.groups())
    if century is None:
        full = moment(now).year
    elif year is None:  # two digits only: 1969 to 2068
        full = century + (1900 if century > 68 else 2000)
    else:
        full = century * 100 + year
    date = datetime(full, month or 0, day or 0, hour or 0, minute or 0, tzinfo=UTC) + timedelta(seconds=second or 0)
    return _ns(date)


def _ns(date: datetime) -> int:
    return (date - EPOCH) // timedelta(microseconds=1) * 1000


def _together(found: _Found, now: int) -> int:
    date, fraction = moment(now), now % SECOND
    if found.day:
        date = date.replace(year=found.day[0], month=found.day[1], day=found.day[2])
    if found.time:
        hour, minute, second, fraction = found.time
        date = date.replace(hour=hour, minute=minute, second=second)
    elif found.day or found.weekday or found.zone is not None or not found.seen:
        date, fraction = date.replace(hour=0, minute=0, second=0), 0
    if found.weekday and not found.day:
        ahead, weeks = (found.weekday[0] - date.weekday()) % 7, found.weekday[1]
        date += timedelta(days=ahead + 7 * (weeks - (weeks > 0 and ahead > 0)))
    if found.months:
        date = _months_later(date, found.months)
    date += timedelta(seconds=found.moved - (found.zone or 0))
    return _ns(date) + fraction


def _months_later(date: datetime, months: int) -> datetime:
    """Return the same day some months later; a day that the month does not have runs over into the next."""
    year, month = divmod(date.year * 12 + date.month - 1 + months, 12)
    over = max(0, date.day - monthrange(year, month + 1)[1])
    return date.replace(year=year, month=month + 1, day=date.day - over) + timedelta(days=over)


def _once(found: _Found, what: str) -> None:
    if what in found.seen:
        raise ValueError(what)
    found.seen.add(what)


def _day(found: _Found, match: re.Match[str], now: int) -> None:
    _once(found, "day")
    parts = match.groupdict()
    year = parts.get("year")
    month = MONTHS.index(parts["name"][:3].capitalize()) + 1 if parts.get("name") else int(parts["month"])
    day, number = int(parts["day"]), moment(now).year if year is None else int(year)
    if year is not None and len(year) <= 2:
        number += 1900 if number > 68 else 2000
    if not 1 <= month <= 12 or not 1 <= day <= monthrange(number, month)[1]:
        raise ValueError(match[0])
    found.day = (number, month, day)


def _time(found: _Found, match: re.Match[str], _now: int) -> None:
    _once(found, "time")
    hour, minute, second, fraction, half, sign, hours, minutes = match.groups()
    number = int(hour)
    if half:
        if not 1 <= number <= 12:
            raise ValueError(match[0])
        number = number % 12 + (12 if half[0] in "pP" else 0)
    if number > 23 or int(minute or 0) > 59 or int(second or 0) > 59:
        raise ValueError(match[0])
    found.time = (number, int(minute or 0), int(second or 0), int((fraction or "")[:9].ljust(9, "0")))
    if sign:
        _once(found, "zone")
        found.zone = int(f"{sign}1") * (int(hours) * 3600 + int(minutes or 0) * 60)


def _zone(found: _Found, _match: re.Match[str], _now: int) -> None:
    _once(found, "zone")
    found.zone = 0


def _weekday(found: _Found, match: re.Match[str], _now: int) -> None:
    _once(found, "weekday")
    day = [known.lower() for known in DAYS].index(match[2][:3].lower())
    found.weekday = (day, ORDINALS[match[1].lower()] if match[1] else 0)


def _moved(found: _Found, match: re.Match[str], _now: int) -> None:
    found.seen.add("moved")
    sign, number, ordinal, unit, ago = match.groups()
    count = ORDINALS[ordinal.lower()] if ordinal else int(number or 1) * (-1 if sign == "-" else 1)
    count = -count if ago else count
    size = UNITS[unit.lower()]
    if isinstance(size, int):
        found.moved += count * size
    else:
        found.months += count * (12 if size == "years" else 1)


def _word(found: _Found, match: re.Match[str], _now: int) -> None:
    found.seen.add("moved")
    found.moved += WORDS[match[1].lower()]


Taker = Callable[[_Found, re.Match[str], int], None]
RULES: list[tuple[str, Taker]] = [
    (rf"([-+])?\s*(?:(\d+)\s*|({'|'.join(ORDINALS)})\s+)?{UNIT}\b(\s+ago\b)?", _moved),
    (rf"({'|'.join(WORDS)})\b", _word),
    (r"(?P<year>\d{4})([-/])(?P<month>\d\d?)\2(?P<day>\d\d?)(?!\d)(?:T(?=\d))?", _day),
    (r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)(?!\d)", _day),
    (r"(?P<month>\d\d?)/(?P<day>\d\d?)(?:/(?P<year>\d{2,4}))?(?!\d)", _day),
    (rf"(?P<day>\d\d?)[- ]?{MONTH}(?:[- ](?P<year>\d{{4}})(?![\d:]))?", _day),
    (rf"{MONTH} +(?P<day>\d\d?)(?![\d:])(?:,? +(?P<year>\d{{4}})(?![\d:]))?", _day),
    (rf"{CLOCK}\s*([ap]\.?m\b\.?)()()()", _time),
    (r"(\d\d?)()()()\s*([ap]\.?m\b\.?)()()()", _time),
    (rf"{CLOCK}()(?:\s*([-+])(\d\d?)(?::?(\d\d))?(?!\d))?", _time),
    (r"(?:Z|UTC|GMT|UT)\b", _zone),
    (rf"(?:({'|'.join(ORDINALS)})\s+)?({WEEKDAY})\b\.?", _weekday),
]
