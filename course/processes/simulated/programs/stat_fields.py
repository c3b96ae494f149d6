"""What stat writes of a file for each letter of a format."""

import re
import stat
from collections.abc import Callable
from dataclasses import dataclass

from course.processes.simulated.programs import times, users
from course.processes.simulated.programs.asking import kind
from course.processes.simulated.programs.quoting import quote, quoted
from course.processes.simulated.programs.registry import Failed
from course.union.filesystem import Stat, Statfs, UnionFilesystem

DIRECTIVE = re.compile(r"%([-+ #0']*)(\d*)(\.\d*)?([HL][dr]|.?)")
OVERLAYFS = 0x794C7630  # linux/magic.h
IO_BLOCK = 4096


@dataclass(frozen=True, slots=True)
class Subject:
    """A file, as stat was asked for it: its path (str), what it is (Stat), and the file system."""

    fs: UnionFilesystem
    path: str
    found: Stat


def written(form: str, value: Callable[[str], "str | int | None"]) -> str:
    """Return ``form`` (str) with each directive replaced by its value (callable that takes the letter).

    A value is text, a number, or None: there is no such directive.  Raises Failed.

    >>> written("%s|%5s|%-5s|%05s|%q|100%%", {"s": 3}.get)
    '3|    3|3    |00003|?|100%'
    """

    def one(match: re.Match[str]) -> str:
        flags, width, precision, letter = match.groups()
        if letter == "%" and match[0] == "%%":
            return "%"
        if not letter:
            if len(match[0]) > 1:
                raise Failed(f"{quote(match[0])}: invalid directive")
            return "%"
        found = value(letter)
        if letter in "WXYZ" and isinstance(found, int):
            text = _seconds(found, precision)
        elif found is None:
            return "?"
        else:
            text = f"{found}"
            if letter == "a" and "#" in flags:
                text = f"0{text}"
            if "+" in flags and isinstance(found, int):
                text = f"+{text}"
        if "-" in flags:
            return text.ljust(int(width or 0))
        return text.rjust(int(width or 0), "0" if "0" in flags and text.isdigit() else " ")

    return DIRECTIVE.sub(one, form)


def _seconds(ns: int, precision: str | None) -> str:
    if precision is None:
        return str(ns // times.SECOND)
    digits = int(precision[1:]) if precision[1:] else 9
    fraction = f"{ns % times.SECOND:09}".ljust(digits, "0")[:digits]
    return f"{ns // times.SECOND}.{fraction}" if digits else str(ns // times.SECOND)


def of_file(subject: Subject) -> Callable[[str], str | int | None]:
    """Return what gives the value of each letter for a file (callable).  Rule: stat(1)."""

    def value(letter: str) -> str | int | None:
        return FILE[letter](subject) if letter in FILE else None

    return value


def of_file_system(path: str, found: Statfs) -> Callable[[str], str | int | None]:
    """Return what gives the value of each letter for a file system (callable), ``stat -f``."""
    values: dict[str, str | int] = {
        "a": found.f_bfree,
        "b": found.f_blocks,
        "c": 0,  # an overlay need not count inodes
        "d": 0,
        "f": found.f_bfree,
        "i": "0",
        "l": found.f_namemax,
        "n": path,
        "s": found.f_bsize,
        "S": found.f_bsize,
        "t": f"{OVERLAYFS:x}",
        "T": "overlayfs",
    }
    return values.get


def _name(path: str, field: str) -> Callable[[Subject], str]:
    def name(subject: Subject) -> str:
        return users.name_of(subject.fs, path, getattr(subject.found, field)) or "UNKNOWN"

    return name


def _quoted(subject: Subject) -> str:
    if not stat.S_ISLNK(subject.found.st_mode):
        return quoted(subject.path)
    return f"{quoted(subject.path)} -> {quoted(subject.fs.readlink(subject.path))}"


def _number(device: tuple[int, int]) -> int:
    """Return a device's major and minor number (pair of int) as one (int), as the C library does (makedev(3))."""
    major, minor = device
    return (minor & 0xFF) | (major & 0xFFF) << 8 | (minor & ~0xFF) << 12 | (major & ~0xFFF) << 32


FILE: dict[str, Callable[[Subject], str | int]] = {
    "a": lambda subject: f"{subject.found.st_mode & 0o7777:o}",
    "A": lambda subject: stat.filemode(subject.found.st_mode),
    "b": lambda subject: subject.found.st_blocks,
    "B": lambda _: 512,
    "d": lambda subject: subject.found.st_dev,
    "D": lambda subject: f"{subject.found.st_dev:x}",
    "Hd": lambda subject: subject.found.st_dev >> 8,
    "Ld": lambda subject: subject.found.st_dev & 0xFF,
    "f": lambda subject: f"{subject.found.st_mode:x}",
    "F": lambda subject: kind(subject.found),
    "g": lambda subject: subject.found.st_gid,
    "G": _name(users.GROUP, "st_gid"),
    "h": lambda subject: subject.found.st_nlink,
    "i": lambda subject: subject.found.st_ino,
    "m": lambda _: "/",
    "n": lambda subject: subject.path,
    "N": _quoted,
    "o": lambda _: IO_BLOCK,
    "r": lambda subject: _number(subject.found.st_rdev),
    "R": lambda subject: f"{_number(subject.found.st_rdev):x}",
    "Hr": lambda subject: subject.found.st_rdev[0],
    "Lr": lambda subject: subject.found.st_rdev[1],
    "s": lambda subject: subject.found.st_size,
    "t": lambda subject: f"{subject.found.st_rdev[0]:x}",
    "T": lambda subject: f"{subject.found.st_rdev[1]:x}",
    "u": lambda subject: subject.found.st_uid,
    "U": _name(users.PASSWD, "st_uid"),
    "w": lambda _: "-",  # overlays of this machine do not tell when a file was made
    "W": lambda _: 0,
    "x": lambda subject: times.full(subject.found.st_atime_ns),
    "X": lambda subject: subject.found.st_atime_ns,
    "y": lambda subject: times.full(subject.found.st_mtime_ns),
    "Y": lambda subject: subject.found.st_mtime_ns,
    "z": lambda subject: times.full(subject.found.st_ctime_ns),
    "Z": lambda subject: subject.found.st_ctime_ns,
}
