"""Calls by the names of the file system's interface, what they give, and a picture of what they leave.

Everything here speaks to a file system by the names of UnionFilesystem: the simulator has them, and so has the real one
in ``real.py``.  Both sides are therefore driven, and pictured, by the same code.
"""

import stat
import traceback
from collections import Counter
from typing import NamedTuple

from course.union import flags
from kernel.by_hand import CLOSED, RECENT, told, told_stat

REFUSED = "ValueError"  # what Python says to a NUL byte: no system call is made
LEFT_OUT = "left out"
SHOWN = 65_536  # bytes of a file's beginning, and of its end, that a picture holds


class User(NamedTuple):
    """Who makes a call."""

    uid: int = 0
    gid: int = 0
    groups: tuple[int, ...] = ()


ROOT = User()


class Slot(NamedTuple):
    """In place of a descriptor: whichever was opened last under this number."""

    number: int


class Call(NamedTuple):
    """One call: its name and arguments, who makes it, and the arguments that are given by name (pairs)."""

    name: str
    arguments: tuple = ()
    user: User = ROOT
    named: tuple[tuple[str, object], ...] = ()
    slot: Slot | None = None  # where ``open`` leaves the descriptor


class Outcome(NamedTuple):
    """What a call gave: a value, or an errno."""

    value: object = None
    errno: int = 0

    def __str__(self):
        if self.errno:
            return told(OSError(self.errno, ""))
        if isinstance(self.value, Seen):
            return told_stat(*self.value[:-1])
        return REFUSED if self.value == REFUSED else told(self.value)


class Seen(NamedTuple):
    """What stat shows, as far as two file systems can agree; ``ino`` (with the device) is compared as a relation."""

    mode: int
    nlink: int
    uid: int
    gid: int
    size: int | None  # a directory's belongs to the file system below
    rdev: tuple[int, int]
    mtime: int | str
    ino: tuple[int, int]


WHITEOUT = "whiteout"  # in place of a Node, in the picture of an upper directory
OPAQUE = "trusted.overlay.opaque"  # among the xattrs of one, whatever the mount calls it


class Node(NamedTuple):
    """One path of a picture: what stat shows, and what is in it."""

    seen: Seen
    content: bytes = b""
    target: str = ""
    names: tuple[str, ...] = ()
    xattrs: tuple[tuple[str, bytes], ...] = ()


def seen(found):
    mtime = "now" if found.st_mtime_ns > RECENT else found.st_mtime_ns
    is_directory = stat.S_ISDIR(found.st_mode)
    size = None if is_directory else found.st_size
    ino = (found.st_dev, found.st_ino)
    return Seen(found.st_mode, found.st_nlink, found.st_uid, found.st_gid, size, tuple(found.st_rdev), mtime, ino)


def perform(filesystem, call, slots, act_as):
    """Make one call (Call) and return its Outcome; ``slots`` maps each Slot to a descriptor."""
    arguments = [slots.get(each, CLOSED) if isinstance(each, Slot) else each for each in call.arguments]
    if _is_left_out(filesystem, call.name, arguments):
        return Outcome(LEFT_OUT)
    if call.user != ROOT:
        act_as(call.user)
    try:
        value = getattr(filesystem, call.name)(*arguments, **dict(call.named))
    except OSError as error:
        return Outcome(errno=error.errno)
    except ValueError:
        return Outcome(REFUSED)
    except Exception:
        return Outcome(traceback.format_exc())
    finally:
        if call.user != ROOT:
            act_as(ROOT)
    if call.name == "open":
        slots[call.slot] = value
        return Outcome()
    if call.name == "close":
        slots[call.arguments[0]] = CLOSED
    if call.name in ("stat", "lstat", "fstat"):
        return Outcome(seen(value))
    if call.name in ("listdir", "listxattr"):
        return Outcome(tuple(sorted(value)))
    return Outcome(value)


def _is_left_out(filesystem, name, arguments):
    """Return whether this depends on the file system below, or is otherwise on purpose (bool).

    What the simulator does otherwise on purpose stands in a table in course/union/filesystem.py.
    """
    try:
        if name in ("truncate", "ftruncate") and arguments[1] == 0:  # on tmpfs, an empty file keeps its time
            found = (filesystem.stat if name == "truncate" else filesystem.fstat)(arguments[0])
            return stat.S_ISREG(found.st_mode) and found.st_size == 0
        if name == "lseek":  # as is a place in a directory
            return stat.S_ISDIR(filesystem.fstat(arguments[0]).st_mode)
        if name in ("fchmod", "fchown"):  # a device that was deleted meanwhile comes back, or not, as caches have it
            mode = filesystem.fstat(arguments[0]).st_mode
            return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))
        if name in ("read", "write"):
            return stat.S_ISFIFO(filesystem.fstat(arguments[0]).st_mode)
        if name == "open" and arguments[1] & flags.O_ACCMODE == flags.O_WRONLY:
            return stat.S_ISFIFO(filesystem.stat(arguments[0]).st_mode)
    except (OSError, ValueError):
        return False
    return False


def run(filesystem, calls, act_as):
    """Make the calls one after the other; return what each gave (list of Outcome)."""
    slots = {}
    return [perform(filesystem, call, slots, act_as) for call in calls]


def picture(filesystem):
    """Return everything that the file system shows (dict: path to Node), seen by root."""
    nodes, todo = {}, ["/"]
    while todo:
        path = todo.pop()
        shown = seen(filesystem.lstat(path))
        names, content, target = (), b"", ""
        if stat.S_ISDIR(shown.mode):
            names = filesystem.listdir(path)
            assert max(Counter(names).values(), default=1) == 1, f"a name is listed twice in {path}: {names}"
            todo += [f"{path.rstrip('/')}/{name}" for name in names]
        elif stat.S_ISREG(shown.mode):
            content = _content(filesystem, path, shown.size)
        elif stat.S_ISLNK(shown.mode):
            target = filesystem.readlink(path)
        xattrs = sorted(filesystem.listxattr(path, follow_symlinks=False))
        xattrs = tuple((name, _xattr(filesystem, path, name)) for name in xattrs)
        nodes[path] = Node(shown, content, target, tuple(sorted(names)), xattrs)
    return nodes


def _xattr(filesystem, path, name):
    try:
        return filesystem.getxattr(path, name, follow_symlinks=False)
    except OSError as error:
        return error.strerror.encode()


def _content(filesystem, path, size):
    descriptor = filesystem.open(path, flags.O_RDONLY)
    try:
        start = filesystem.pread(descriptor, SHOWN, 0)
        return start if size <= SHOWN else start + filesystem.pread(descriptor, SHOWN, max(SHOWN, size - SHOWN))
    finally:
        filesystem.close(descriptor)
