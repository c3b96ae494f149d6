"""What ls writes about a file: the long form, blocks, inode numbers, and the marks of -F."""

import stat
from collections.abc import Sequence
from dataclasses import dataclass, field

from course.processes.simulated.programs import sizes, times, users
from course.union.filesystem import Stat, UnionFilesystem

HALF_A_YEAR = 31556952 // 2 * times.SECOND  # older files show their year instead of the time of day
MARKS = {stat.S_IFDIR: "/", stat.S_IFLNK: "@", stat.S_IFIFO: "|", stat.S_IFSOCK: "="}
STYLES = {"full-iso": "%Y-%m-%d %H:%M:%S.%N %z", "long-iso": "%Y-%m-%d %H:%M"}


@dataclass(slots=True)
class Entry:
    """A file to list: its name (str), its path (str), its metadata (Stat, None if that could not be had).

    ``kind`` is what the directory itself says of it (int, as in ``st_mode``).  ``target`` is where a link points (str),
    ``leads_to`` the mode of what is there (int, 0 for nothing).
    """

    name: str
    path: str
    found: Stat | None = None
    kind: int = 0
    target: str = ""
    leads_to: int = 0

    @property
    def mode(self) -> int:
        """Kind and permissions (int; permissions of 0 if they are not known)."""
        return self.found.st_mode if self.found else self.kind


@dataclass(slots=True)
class Form:
    """How files are listed: ``ls`` with these options."""

    long: bool = False
    inode: bool = False
    blocks: bool = False
    human: bool = False
    numeric: bool = False
    owner: bool = True
    group: bool = True
    marks: str = ""  # -F: "all", -p: "directories"
    time: str = "mtime"
    style: str = ""
    now: int = 0
    names: dict[tuple[str, int], str | None] = field(default_factory=dict)

    @property
    def needs_stat(self) -> bool:
        """Whether what is shown is not known from the directory alone (bool)."""
        return self.long or self.inode or self.blocks


def total(form: Form, entries: Sequence[Entry]) -> str:
    """Return the line about all blocks of a directory's entries (str)."""
    return f"total {_blocks(form, sum(entry.found.st_blocks for entry in entries if entry.found))}\n"


def lines(form: Form, fs: UnionFilesystem, entries: Sequence[Entry], others: Sequence[Entry] = ()) -> list[str]:
    """Return one line for each of the entries (list of str); their columns would be wide enough for ``others`` too."""
    every = (*entries, *others)
    minor = max((len(str(each.found.st_rdev[1])) for each in every if each.found and is_device(each.mode)), default=0)
    rows = [_row(form, fs, entry, minor) for entry in every]
    widths = [max(len(text) for text, _ in column) for column in zip(*rows, strict=True)]
    found = []
    for entry, row in zip(entries, rows, strict=False):
        cells = [
            text.ljust(width) if left else text.rjust(width) for (text, left), width in zip(row, widths, strict=True)
        ]
        found.append(" ".join([*cells, _name(form, entry)]) + "\n")
    return found


def _row(form: Form, fs: UnionFilesystem, entry: Entry, minor: int) -> list[tuple[str, bool]]:
    """Return the columns before the name: text, and whether it stands on the left of its column."""
    found = entry.found
    row: list[tuple[str, bool]] = []
    if form.inode:
        row.append((str(found.st_ino) if found else "?", False))
    if form.blocks:
        row.append((_blocks(form, found.st_blocks) if found else "?", False))
    if form.long and found is None:
        row += [(f"{stat.filemode(entry.kind)[0]}?????????", True), ("?", False)]
        row += [("?", True)] * (form.owner + form.group) + [("?", False), ("           ?", True)]
    elif form.long and found:
        row += [(stat.filemode(found.st_mode), True), (str(found.st_nlink), False)]
        if form.owner:
            row.append(_who(form, fs, users.PASSWD, found.st_uid))
        if form.group:
            row.append(_who(form, fs, users.GROUP, found.st_gid))
        row += [(_size(form, found, minor), False), (_time(form, found), True)]
    return row


def _blocks(form: Form, count: int) -> str:
    return sizes.human(count * 512) if form.human else str(sizes.blocks(count * 512, 1024))


def is_device(mode: int) -> bool:
    """Return whether a file of this ``mode`` (int) is a device (bool)."""
    return stat.S_ISCHR(mode) or stat.S_ISBLK(mode)


def _size(form: Form, found: Stat, minor: int) -> str:
    """Return the size, or the numbers of a device, the minor one ``minor`` (int) characters wide."""
    if is_device(found.st_mode):
        return f"{found.st_rdev[0]}, {found.st_rdev[1]:>{minor}}"
    return sizes.human(found.st_size) if form.human else str(found.st_size)


def _who(form: Form, fs: UnionFilesystem, path: str, number: int) -> tuple[str, bool]:
    if not form.numeric and (path, number) not in form.names:
        form.names[path, number] = users.name_of(fs, path, number)
    name = form.names.get((path, number))
    return (name, True) if name else (str(number), False)


def _time(form: Form, found: Stat) -> str:
    ns = {"mtime": found.st_mtime_ns, "atime": found.st_atime_ns, "ctime": found.st_ctime_ns}[form.time]
    return times.written(ns, form.style) if form.style else time_of_day(ns, form.now)


def time_of_day(ns: int, now: int) -> str:
    """Return a time (int, nanoseconds since 1970) as ``ls -l`` shows it at the time ``now`` (str).

    >>> time_of_day(0, 10**18), time_of_day(0, 10**9)
    ('Jan  1  1970', 'Jan  1 00:00')
    """
    return times.written(ns, "%b %e %H:%M" if now - HALF_A_YEAR < ns <= now else "%b %e  %Y")


def _name(form: Form, entry: Entry) -> str:
    if entry.target and form.long:
        return f"{entry.name} -> {entry.target}{mark(form.marks, entry.leads_to)}"
    return entry.name + mark(form.marks, entry.mode)


def mark(which: str, mode: int) -> str:
    """Return the sign that -F ("all") or -p ("directories") puts behind a name of this ``mode`` (int).

    >>> mark("all", 0o40755), mark("all", 0o100755), mark("directories", 0o100755)
    ('/', '*', '')
    """
    if which == "directories":
        return "/" if stat.S_ISDIR(mode) else ""
    if which and stat.S_ISREG(mode) and mode & 0o111:
        return "*"
    return MARKS.get(stat.S_IFMT(mode), "") if which else ""
