"""find -printf: what is written of a file, as a format says."""

import re
import stat
from collections.abc import Callable

from course.processes.simulated.programs import times, users
from course.processes.simulated.programs.find_search import Entry, Search
from course.processes.simulated.programs.operands import above

ESCAPES = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "0": "\0", "\\": "\\"}
PIECE = re.compile(r"\\([0-7]{1,3})|\\(.)|%([-#0+ ]*\d*(?:\.\d+)?)([ACT][@a-zA-Z+]|[a-zA-Z%])|(.)", re.DOTALL)
TIMES = {"A": "st_atime_ns", "C": "st_ctime_ns", "T": "st_mtime_ns"}

Piece = tuple[str, str]
"""Text (with an empty directive), or a directive with its flags and width."""


def pieces(form: str) -> tuple[list[Piece], list[str]]:
    """Return the pieces of a ``form`` (list of Piece), and the directives in it that do not exist (list of str)."""
    found: list[Piece] = []
    unknown: list[str] = []
    for octal, escape, width, directive, letter in PIECE.findall(form):
        if octal:
            found.append((chr(int(octal, 8)), ""))
        elif escape:
            found.append((ESCAPES.get(escape, f"\\{escape}"), ""))
        elif directive == "%":
            found.append(("%", ""))
        elif directive and (directive in FIELDS or directive[0] in TIMES):
            found.append((width, directive))
        elif directive:
            unknown.append(f"%{directive}")
            found.append((f"%{width}{directive}", ""))
        else:
            found.append((letter, ""))
    return found, unknown


def formatted(search: Search, entry: Entry, form: list[Piece]) -> str:
    """Return what the pieces (list of Piece) say of a file (str)."""
    text = ""
    for what, directive in form:
        text += _padded(_value(search, entry, directive), what) if directive else what
    return text


def _padded(value: str, width: str) -> str:
    number = re.sub(r"[^\d].*|^[-#0+ ]*", "", width.lstrip("-#0+ ")) or "0"
    if "-" in width:
        return value.ljust(int(number))
    return value.rjust(int(number), "0" if width.startswith("0") and value.isdigit() else " ")


def _value(search: Search, entry: Entry, directive: str) -> str:
    if directive[0] in TIMES and len(directive) > 1:
        return _time(getattr(entry.found, TIMES[directive[0]]), directive[1])
    return FIELDS[directive](search, entry)


def _time(ns: int, how: str) -> str:
    fraction = f"{ns % times.SECOND:09}0"
    match how:
        case "@":
            return f"{ns // times.SECOND}.{fraction}"
        case "+":
            return times.written(ns, f"%Y-%m-%d+%H:%M:%S.{fraction}")
        case "S":
            return times.written(ns, f"%S.{fraction}")
        case "T" | "X":
            return times.written(ns, f"%H:%M:%S.{fraction}")
        case "k" | "l":
            return times.written(ns, f"%{how}")
    return times.written(ns, f"%{how}")


def _ctime(ns: int) -> str:
    return times.written(ns, f"%a %b %e %H:%M:%S.{ns % times.SECOND:09}0 %Y")


def _below(search: Search, entry: Entry) -> str:
    return entry.path[len(entry.start) :].lstrip("/") if entry.depth else ""


def _letter(search: Search, entry: Entry) -> str:
    kind = stat.filemode(entry.found.st_mode)[0]
    return "f" if kind == "-" else kind


def _target(search: Search, entry: Entry) -> str:
    return search.process.fs.readlink(entry.path) if stat.S_ISLNK(entry.found.st_mode) else ""


def _who(path: str, field: str) -> Callable[[Search, Entry], str]:
    def name(search: Search, entry: Entry) -> str:
        number: int = getattr(entry.found, field)
        return users.name_of(search.process.fs, path, number) or str(number)

    return name


FIELDS: dict[str, Callable[[Search, Entry], str]] = {
    "a": lambda _search, entry: _ctime(entry.found.st_atime_ns),
    "b": lambda _search, entry: str(entry.found.st_blocks),
    "c": lambda _search, entry: _ctime(entry.found.st_ctime_ns),
    "d": lambda _search, entry: str(entry.depth),
    "f": lambda _search, entry: entry.name,
    "g": _who(users.GROUP, "st_gid"),
    "G": lambda _search, entry: str(entry.found.st_gid),
    "h": lambda _search, entry: above(entry.path),
    "H": lambda _search, entry: entry.start,
    "i": lambda _search, entry: str(entry.found.st_ino),
    "k": lambda _search, entry: str(-(-entry.found.st_blocks // 2)),
    "l": _target,
    "m": lambda _search, entry: f"{entry.found.st_mode & 0o7777:o}",
    "M": lambda _search, entry: stat.filemode(entry.found.st_mode),
    "n": lambda _search, entry: str(entry.found.st_nlink),
    "p": lambda _search, entry: entry.path,
    "P": _below,
    "s": lambda _search, entry: str(entry.found.st_size),
    "t": lambda _search, entry: _ctime(entry.found.st_mtime_ns),
    "u": _who(users.PASSWD, "st_uid"),
    "U": lambda _search, entry: str(entry.found.st_uid),
    "y": _letter,
}
