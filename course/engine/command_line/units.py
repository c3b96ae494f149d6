"""Docker's words for times, sizes and what is too long for a column."""

from collections.abc import Sequence
from datetime import UTC, datetime
from unicodedata import east_asian_width

from course.engine.go_text import quoted

SECOND = 10**9
COMMAND_WIDTH = 20  # columns that a container's command takes in a table
ID_LENGTH = 12


def duration(elapsed: int) -> str:
    """Return ``elapsed`` nanoseconds (int) in words (str).  Rule: docker/go-units, duration.go, HumanDuration.

    >>> [duration(seconds * SECOND) for seconds in (0, 1, 75, 5000, 3600 * 49)]
    ['Less than a second', '1 second', 'About a minute', 'About an hour', '2 days']
    """
    seconds = max(elapsed, 0) // SECOND
    minutes, hours = seconds // 60, (seconds + 1800) // 3600
    if seconds < 1:
        return "Less than a second"
    if seconds == 1:
        return "1 second"
    if seconds < 60:
        return f"{seconds} seconds"
    if minutes == 1:
        return "About a minute"
    if minutes < 60:
        return f"{minutes} minutes"
    if hours == 1:
        return "About an hour"
    if hours < 48:
        return f"{hours} hours"
    if hours < 24 * 7 * 2:
        return f"{hours // 24} days"
    if hours < 24 * 30 * 2:
        return f"{hours // 24 // 7} weeks"
    if hours < 24 * 365 * 2:
        return f"{hours // 24 // 30} months"
    return f"{seconds // 3600 // 24 // 365} years"


def ago(then: int, now: int) -> str:
    """Return how long before ``now`` a time was (str); both in nanoseconds since 1970 (int)."""
    return f"{duration(now - then)} ago"


def status(state: str, exit_code: int = 0, started: int = 0, finished: int = 0, now: int = 0, health: str = "") -> str:
    """Return what ``docker ps`` says of a container (str).  Rule: moby, container/state.go, String.

    ``state`` is one of its states (str: created, running, …), ``started``, ``finished`` and ``now`` nanoseconds since
    1970 (int), ``health`` empty, "starting", "healthy" or "unhealthy".

    >>> status("exited", 137, finished=0, now=300 * SECOND), status("paused", now=5 * SECOND)
    ('Exited (137) 5 minutes ago', 'Up 5 seconds (Paused)')
    """
    up = f"Up {duration(now - started)}"
    if state == "paused":
        return f"{up} (Paused)"
    if state == "running":
        note = "health: starting" if health == "starting" else health
        return f"{up} ({note})" if note else up
    if state in ("restarting", "exited"):
        return f"{state.capitalize()} ({exit_code}) {ago(finished, now)}"
    return {"removing": "Removal In Progress"}.get(state, state.capitalize())


def size(count: float, digits: int = 3) -> str:
    """Return a number of bytes (str) with so many ``digits`` (int).  Rule: docker/go-units, size.go.

    Four digits are what ``docker system df`` shows, three what the others do.  Just below the next unit docker prints
    an exponent, and so does this.

    >>> size(3_019_000), size(3_019_000, 4), size(0), size(999_600)
    ('3.02MB', '3.019MB', '0B', '1e+03kB')
    """
    units = ("B", "kB", "MB", "GB", "TB", "PB")
    power = 0
    while count >= 1000 and power < len(units) - 1:
        count, power = count / 1000, power + 1
    return f"{count:.{digits}g}{units[power]}"


def container_size(written: int, total: int) -> str:
    """Return the size of a read-write layer, and of all layers (str): bytes (int) as ``docker ps -s`` prints them."""
    return f"{size(written)} (virtual {size(total)})"


def moment(time: int, fraction: bool = False) -> str:
    """Return a time, nanoseconds since 1970 (int), as Go prints it (str), with its ``fraction`` of a second if asked.

    >>> moment(1_500_000_000), moment(1_500_000_000, fraction=True)
    ('1970-01-01 00:00:01 +0000 UTC', '1970-01-01 00:00:01.5 +0000 UTC')
    """
    seconds, nanoseconds = divmod(time, SECOND)
    part = f".{nanoseconds:09}".rstrip("0") if fraction and nanoseconds else ""
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S}{part} +0000 UTC"


def short_id(full: str) -> str:
    """Return the first characters of an ID (str), without the name of an algorithm before it.

    >>> short_id("sha256:58c528cc8bfa5099b983273553522fe0ec252d6adccd28a6b7cbf89f850d95cf")
    '58c528cc8bfa'
    """
    return full.rpartition(":")[2][:ID_LENGTH]


def shortened(text: str, width: int) -> str:
    """Return ``text`` (str) cut to so many columns (int), with an ellipsis in the last one.

    Rule: docker/cli, formatter/displayutils.go, Ellipsis: wide characters take two columns.
    """
    widths = [2 if east_asian_width(char) in "FW" else 1 for char in text]
    if sum(widths) <= width:
        return text
    used, cut = 0, 0
    while used + widths[cut] < width:
        used, cut = used + widths[cut], cut + 1
    return text[:cut] + "…"


def command_line(words: Sequence[str]) -> str:
    """Return a container's program and arguments (sequence of str) as a line (str).  Rule: moby, container/view.go."""
    program, *arguments = words
    return " ".join([program, *(f"'{word}'" if " " in word else word for word in arguments)])


def command_column(words: Sequence[str], truncate: bool = True) -> str:
    """Return a container's command (sequence of str) as ``docker ps`` shows it (str).

    >>> print(command_column(["sh", "-c", 'echo "hello world"']))
    "sh -c 'echo \\"hello …"
    """
    line = command_line(words)
    return quoted(shortened(line, COMMAND_WIDTH) if truncate else line)


def moment_of_log(time: int, fraction: bool = False) -> str:
    """Return a time, nanoseconds since 1970 (int), as logs have it (str): RFC 3339, with nine digits if asked.

    >>> moment_of_log(1_500_000_000), moment_of_log(1_500_000_000, fraction=True)
    ('1970-01-01T00:00:01Z', '1970-01-01T00:00:01.500000000Z')
    """
    seconds, nanoseconds = divmod(time, SECOND)
    part = f".{nanoseconds:09}" if fraction else ""
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}{part}Z"
