"""Times: how programs write them, and how they are given in words; the simulated machine lives in UTC."""

import re
from datetime import UTC, datetime, timedelta

SECOND = 10**9  # nanoseconds
DAY = 86400 * SECOND
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
LONG_MONTHS = "January February March April May June July August September October November December".split()
DAYS = "Mon Tue Wed Thu Fri Sat Sun".split()
LONG_DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()

DIRECTIVE = re.compile(r"%([-_0^#]?)(\d*)(:{0,3}[a-zA-Z%+])")


def moment(ns: int) -> datetime:
    """Return nanoseconds since 1970 (int) as a datetime in UTC, cut to whole seconds.

    >>> moment(1_700_000_000_999_999_999).isoformat()
    '2023-11-14T22:13:20+00:00'
    """
    return EPOCH + timedelta(seconds=ns // SECOND)


def full(ns: int) -> str:
    """Return a time (int, nanoseconds since 1970) to the nanosecond (str), as stat(1) and ``ls --full-time``.

    >>> full(5)
    '1970-01-01 00:00:00.000000005 +0000'
    """
    return f"{moment(ns):%Y-%m-%d %H:%M:%S}.{ns % SECOND:09} +0000"


def written(ns: int, form: str) -> str:
    """Return a time (int, nanoseconds since 1970) in a ``form`` (str) as of date(1): ``%Y-%m-%d``.

    What date(1) does not know stays as it stands.  Rule: date(1), the C locale.

    >>> written(1_700_000_000_000_000_000, "%a %e %b %Y, %-d/%_m %s %N %%")
    'Tue 14 Nov 2023, 14/11 1700000000 000000000 %'
    """
    fields = _fields(ns)

    def one(match: re.Match[str]) -> str:
        flag, width, letter = match.groups()
        if letter not in fields:
            return match[0]
        text, pad, least = fields[letter]
        if flag == "-":
            pad = ""
        elif flag in ("_", "0"):
            pad = {"_": " ", "0": "0"}[flag]
        elif flag == "^":
            text = text.upper()
        if pad:
            text = text.rjust(int(width or least), pad)
        elif width:
            text = text.rjust(int(width))
        return text

    return DIRECTIVE.sub(one, form)


def _fields(ns: int) -> dict[str, tuple[str, str, int]]:
    """Return what each directive stands for: the text, what it is padded with, and to which width."""
    t = moment(ns)
    year, week, weekday = t.isocalendar()
    months, days = (MONTHS[t.month - 1], LONG_MONTHS[t.month - 1]), (DAYS[t.weekday()], LONG_DAYS[t.weekday()])
    hour = t.hour % 12 or 12
    numbers: dict[str, tuple[int, str, int]] = {
        "C": (t.year // 100, "0", 2),
        "G": (year, "0", 4),
        "H": (t.hour, "0", 2),
        "I": (hour, "0", 2),
        "M": (t.minute, "0", 2),
        "N": (ns % SECOND, "0", 9),
        "S": (t.second, "0", 2),
        "U": ((t.timetuple().tm_yday + 6 - (t.weekday() + 1) % 7) // 7, "0", 2),
        "V": (week, "0", 2),
        "W": ((t.timetuple().tm_yday + 6 - t.weekday()) // 7, "0", 2),
        "Y": (t.year, "0", 4),
        "d": (t.day, "0", 2),
        "e": (t.day, " ", 2),
        "g": (year % 100, "0", 2),
        "j": (t.timetuple().tm_yday, "0", 3),
        "k": (t.hour, " ", 2),
        "l": (hour, " ", 2),
        "m": (t.month, "0", 2),
        "q": ((t.month + 2) // 3, "", 1),
        "s": (ns // SECOND, "", 1),
        "u": (weekday, "", 1),
        "w": (weekday % 7, "", 1),
        "y": (t.year % 100, "0", 2),
    }
    texts = {
        "%": "%",
        "A": days[1],
        "B": months[1],
        "D": f"{t:%m/%d/%y}",
        "F": f"{t.year:04}-{t:%m-%d}",
        "P": "am" if t.hour < 12 else "pm",
        "R": f"{t:%H:%M}",
        "T": f"{t:%H:%M:%S}",
        "X": f"{t:%H:%M:%S}",
        "Z": "UTC",
        ":z": "+00:00",
        "a": days[0],
        "b": months[0],
        "c": f"{days[0]} {months[0]} {t.day:2} {t:%H:%M:%S} {t.year}",
        "h": months[0],
        "n": "\n",
        "p": "AM" if t.hour < 12 else "PM",
        "r": f"{hour:02}:{t:%M:%S} {'AM' if t.hour < 12 else 'PM'}",
        "t": "\t",
        "x": f"{t:%m/%d/%y}",
        "z": "+0000",
    }
    return {key: (str(number), pad, least) for key, (number, pad, least) in numbers.items()} | {
        key: (text, "", 0) for key, text in texts.items()
    }
