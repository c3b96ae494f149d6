"""ps: a table of processes."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from course.processes.simulated.programs import users
from course.processes.simulated.programs.buffering import Output
from course.processes.simulated.programs.registry import program
from course.processes.simulated.programs.times import written

if TYPE_CHECKING:
    from course.processes.simulated.process import Process, Run

USAGE = """
Usage:
 ps [options]

 Try 'ps --help <simple|list|output|threads|misc|all>'
  or 'ps --help <s|l|o|t|m|a>'
 for additional help text.

For more details see ps(1)."""
SECOND = 10**9  # nanoseconds
DAY = 86400 * SECOND
DEFUNCT = " <defunct>"


class PsError(Exception):
    """A command line that ps does not take: the message."""


@dataclass(frozen=True)
class Column:
    """A column: its header (str), its least width (int), whether it begins on the left (bool), and its content."""

    header: str
    width: int
    left: bool
    value: "Callable[[Process], str]"


def _name(process: "Process") -> str:
    """Return a process's name (str): the kernel keeps 15 characters."""
    return process.argv[0].rsplit("/", 1)[-1].lstrip("-")[:15] if process.argv else ""


def _command(process: "Process") -> str:
    return _name(process) + DEFUNCT * process.is_zombie


def _arguments(process: "Process") -> str:
    if process.is_zombie:
        return f"[{_name(process)}]{DEFUNCT}"
    return re.sub(r"[\x00-\x1f\x7f]", "?", " ".join(process.argv).replace("\n", " "))


def _state(process: "Process") -> str:
    if process.is_zombie:
        return "Z"
    if process is process.space.current:
        return "R"
    return "T" if process.stopped else "S"


def _user(process: "Process") -> str:
    return users.name_of(process.fs, users.PASSWD, process.fs.uid) or str(process.fs.uid)


def _group(process: "Process") -> str:
    return users.name_of(process.fs, users.GROUP, process.fs.gid) or str(process.fs.gid)


def _started(process: "Process") -> str:
    ago = process.space.clock() - process.started
    return written(process.started, "%H:%M" if ago < DAY else "%b%d")


def _elapsed(process: "Process") -> str:
    seconds = (process.space.clock() - process.started) // SECOND
    days, hours, minutes = seconds // 86400, seconds // 3600 % 24, seconds // 60 % 60
    text = f"{minutes:02}:{seconds % 60:02}"
    return f"{days}-{hours:02}:{text}" if days else f"{hours:02}:{text}" if hours else text


def _parent(process: "Process") -> str:
    return str(process.parent.pid if process.parent else 0)


COLUMNS = {
    "pid": Column("PID", 7, False, lambda process: str(process.pid)),
    "ppid": Column("PPID", 7, False, _parent),
    "pgid": Column("PGID", 7, False, lambda process: str(process.group)),
    "comm": Column("COMMAND", 15, True, _command),
    "ucmd": Column("CMD", 15, True, _command),
    "args": Column("COMMAND", 27, True, _arguments),
    "cmd": Column("CMD", 27, True, _arguments),
    "user": Column("USER", 8, True, _user),
    "uid": Column("UID", 5, False, lambda process: str(process.fs.uid)),
    "group": Column("GROUP", 8, True, _group),
    "gid": Column("GID", 5, False, lambda process: str(process.fs.gid)),
    "tt": Column("TT", 8, True, lambda process: "?"),
    "tty": Column("TTY", 8, True, lambda process: "?"),
    "time": Column("TIME", 8, False, lambda process: "00:00:00"),
    "bsdtime": Column("TIME", 6, False, lambda process: "0:00"),
    "stat": Column("STAT", 4, True, _state),
    "s": Column("S", 1, True, _state),
    "c": Column("C", 2, False, lambda process: "0"),
    "stime": Column("STIME", 5, True, _started),
    "start": Column("START", 5, True, _started),
    "etime": Column("ELAPSED", 11, False, _elapsed),
    "pcpu": Column("%CPU", 4, False, lambda process: "0.0"),
    "pmem": Column("%MEM", 4, False, lambda process: "0.0"),
    "vsz": Column("VSZ", 6, False, lambda process: "0"),
    "rss": Column("RSS", 5, False, lambda process: "0"),
    "ni": Column("NI", 3, False, lambda process: "0"),
}
"""The columns by their keywords; simulated processes use no memory, and no time of a processor."""

ALIASES = {
    "command": "args",
    "euser": "user",
    "ruser": "user",
    "%cpu": "pcpu",
    "%mem": "pmem",
    "state": "s",
    "pgrp": "pgid",
}
ALIASES |= {
    "euid": "uid",
    "egroup": "group",
    "egid": "gid",
    "fname": "comm",
    "ucomm": "comm",
    "tname": "tty",
    "nice": "ni",
}
ALIASES |= {"vsize": "vsz", "cputime": "time", "bsdstart": "start", "tty": "tt"}


def _columns(*names: str, **headers: str) -> list[tuple[Column, str]]:
    return [(COLUMNS[name], headers.get(name, COLUMNS[name].header)) for name in names]


USUAL = _columns("pid", "tty", "time", "ucmd")
FULL = _columns("user", "pid", "ppid", "c", "stime", "tty", "time", "cmd", user="UID")
BSD = _columns("pid", "tty", "stat", "bsdtime", "args")
BSD_USER = _columns("user", "pid", "pcpu", "pmem", "vsz", "rss", "tty", "stat", "start", "bsdtime", "args")


@dataclass
class Request:
    """A command line of ps: which processes, and which columns (pairs of Column and header)."""

    everyone: bool = False
    without_terminal: bool = True
    pids: set[int] = field(default_factory=set)
    parents: set[int] = field(default_factory=set)
    names: set[str] = field(default_factory=set)
    owners: set[int] = field(default_factory=set)
    chooses: bool = False
    columns: list[tuple[Column, str]] = field(default_factory=list)
    style: list[tuple[Column, str]] = field(default_factory=lambda: USUAL)
    header: bool = True

    def shows(self, process: "Process", caller: "Process") -> bool:
        """Return whether ``process`` (Process) is to be shown (bool); ``caller`` is ps itself."""
        if self.chooses and not self.everyone:
            chosen = process.pid in self.pids or int(_parent(process)) in self.parents
            return chosen or _name(process) in self.names or process.fs.uid in self.owners
        return self.everyone or (self.without_terminal and process.fs.uid == caller.fs.uid)


@program("ps")
def ps(process: "Process", argv: list[str]) -> "Run":
    """Show processes (ps(1) of procps): -A -e -a -f -o -p -u -C --ppid --no-headers, and BSD's a, u, x."""
    try:
        request = _parsed(process, argv[1:])
    except PsError as error:
        yield from process.complain(f"error: {error}\n{USAGE}")
        return 1
    columns = request.columns or request.style
    shown = [one for _, one in sorted(process.space.processes.items()) if request.shows(one, process)]
    rows = [[column.value(one) for column, _ in columns] for one in shown]
    out = Output(process)
    if request.header and any(header for _, header in columns):
        yield from out.print(_row(columns, [header for _, header in columns]))
    for row in rows:
        yield from out.print(_row(columns, row))
    yield from out.flush()
    return 0 if rows else 1


def _row(columns: list[tuple[Column, str]], cells: list[str]) -> str:
    parts: list[str] = []
    for (column, header), cell in zip(columns, cells, strict=True):
        width = max(column.width, len(header))
        cut = cell[:width] if column.left and len(parts) < len(columns) - 1 else cell
        parts.append(cut.ljust(width) if column.left else cut.rjust(width))
    return " ".join(parts).rstrip() + "\n"


def _parsed(process: "Process", words: list[str]) -> Request:
    request, bsd, todo = Request(), set(), list(words)
    while todo:
        word = todo.pop(0)
        if word.startswith("--"):
            _long(process, request, word[2:], todo)
        elif word.startswith("-") and len(word) > 1:
            letters = word[1:]
            while letters:
                letter, letters = letters[0], letters[1:]
                if letter in "opuUC":
                    value, letters = letters or (todo.pop(0) if todo else ""), ""
                    _choose(process, request, letter, value)
                elif letter in "Aeadf":
                    request.everyone = request.everyone or letter in "Ae"
                    request.style = FULL if letter == "f" else request.style
                elif letter != "w":
                    raise PsError("unsupported SysV option")
        elif word.isdecimal() or "," in word:
            _choose(process, request, "p", word)
            bsd.add("p")
        else:
            bsd.update(_bsd(process, request, word, todo))
    if bsd:
        request.style = BSD_USER if "u" in bsd else BSD
        request.everyone = request.everyone or {"a", "x"} <= bsd
        request.without_terminal = "x" in bsd
    return request


def _bsd(process: "Process", request: Request, word: str, todo: list[str]) -> set[str]:
    letters = set()
    while word:
        letter, word = word[0], word[1:]
        if letter in "op":
            value, word = word or (todo.pop(0) if todo else ""), ""
            _choose(process, request, letter, value)
        elif letter not in "auxwh":
            raise PsError("unsupported option (BSD syntax)")
        request.header = request.header and letter != "h"
        letters.add(letter)
    return letters


def _long(process: "Process", request: Request, word: str, todo: list[str]) -> None:
    name, equals, value = word.partition("=")
    letters = {"format": "o", "pid": "p", "user": "u", "User": "U", "ppid": "P"}
    if name in ("no-headers", "no-heading", "noheaders"):
        request.header = False
    elif name in letters:
        _choose(process, request, letters[name], value if equals else todo.pop(0) if todo else "")
    else:
        raise PsError("unknown gnu long option")


def _choose(process: "Process", request: Request, letter: str, value: str) -> None:
    """Add what an option with a value asks for.  Raises PsError."""
    if letter == "o":
        request.columns += _format(value)
        return
    request.chooses = True
    items = [item for item in re.split(r"[ ,]+", value) if item]
    if not items:
        raise PsError("list of process IDs must follow -p" if letter == "p" else "list must follow option")
    for item in items:
        if letter == "C":
            request.names.add(item)
        elif letter in "uU":
            number = int(item) if item.isdecimal() else users.number_of(process.fs, users.PASSWD, item)
            if number is None:
                raise PsError("user name does not exist")
            request.owners.add(number)
        elif item.isdecimal():
            (request.pids if letter == "p" else request.parents).add(int(item))
        else:
            raise PsError("process ID list syntax error")


def _format(text: str) -> list[tuple[Column, str]]:
    """Return the columns that ``pid,comm=`` or ``pid=NUMBER,comm`` asks for, with their headers.  Raises PsError."""
    columns = []
    for item in re.split(r"[ ,]+", text):
        name, equals, header = item.partition("=")
        if ALIASES.get(name, name) not in COLUMNS:
            raise PsError(f'unknown user-defined format specifier "{name}"')
        column = COLUMNS[ALIASES.get(name, name)]
        columns.append((column, header if equals else column.header))
    return columns
