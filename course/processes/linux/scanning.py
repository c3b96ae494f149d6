"""Scanning: what lies in a directory of a real disk, as plain tuples; and removing such a directory.

Both go by descriptors, never follow a link, and bear that others make and remove files meanwhile.  They run in the
helper, which may read and remove whatever belongs to a container.
"""

from __future__ import annotations

import errno
import os
import stat

from course.processes.linux.syscalls import (
    RESOLVE_BENEATH,
    RESOLVE_NO_MAGICLINKS,
    RESOLVE_NO_SYMLINKS,
    RESOLVE_NO_XDEV,
    openat2,
)

TYPE_CHECKING = False
if TYPE_CHECKING:  # without importing typing
    Xattrs = tuple[tuple[str, bytes], ...]
    Row = tuple[str, int, int, int, int, int, tuple[int, int], int, str, Xattrs]

WITHIN = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV
VANISHED = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENXIO)  # or something else has taken the name
NONE: Xattrs = ()
OCCUPIED = (errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR)


def scan(top: int) -> list[Row]:
    """Return what lies in the directory ``top`` (int, a descriptor): a row for each path, its own (``/``) first.

    A row is path (str, bytes that are not UTF-8 as surrogates), mode with the kind, uid, gid, mtime (ns), size, device
    numbers (pair), inode number (0 if the file has no other name), target of a symbolic link (str), and extended
    attributes of a file or directory (tuple of pairs of name, str, and value, bytes).  A directory comes before what
    lies in it.  What lies on another file system is left out, and so is what vanishes meanwhile.  Raises OSError; a
    path beyond 4,095 bytes is ENAMETOOLONG, as it is to every program that would use it.
    """
    own = os.fstat(top)
    rows = [_row("/", own, "", _xattrs(top))]
    todo = [""]
    while todo:
        path = todo.pop()
        try:
            directory = openat2(top, path[1:] or ".", _flags(os.O_DIRECTORY), resolve=WITHIN)
        except OSError as error:
            if error.errno in (*VANISHED, errno.EXDEV):
                continue
            raise
        try:
            for name in sorted(_names(directory)):
                row = _entry(directory, name, f"{path}/{name}", own.st_dev)
                if row:
                    rows.append(row)
                    if stat.S_ISDIR(row[1]):
                        todo.append(row[0])
        finally:
            os.close(directory)
    return rows


def _entry(directory: int, name: str, path: str, device: int) -> Row | None:
    """Return the row of one name in a directory, or None: it vanished, or lies on another file system."""
    target, xattrs = "", NONE
    try:
        found = os.stat(name, dir_fd=directory, follow_symlinks=False)
        if found.st_dev != device:
            return None
        if stat.S_ISLNK(found.st_mode):
            target = os.readlink(name, dir_fd=directory)
        elif stat.S_ISREG(found.st_mode) or stat.S_ISDIR(found.st_mode):
            file = os.open(name, _flags(os.O_NOFOLLOW | os.O_NONBLOCK), dir_fd=directory)  # NONBLOCK: a FIFO by now?
            try:
                xattrs = _xattrs(file)
            finally:
                os.close(file)
    except OSError as error:
        if error.errno in (*VANISHED, errno.EINVAL):  # the last one says that a link is none any more: readlink(2)
            return None
        raise
    return _row(path, found, target, xattrs)


def _row(path: str, found: os.stat_result, target: str, xattrs: Xattrs) -> Row:
    inode = found.st_ino if found.st_nlink > 1 and not stat.S_ISDIR(found.st_mode) else 0
    device = (os.major(found.st_rdev), os.minor(found.st_rdev))
    times = found.st_mtime_ns
    return path, found.st_mode, found.st_uid, found.st_gid, times, found.st_size, device, inode, target, xattrs


def _xattrs(file: int) -> Xattrs:
    """Return the extended attributes of an open file; none on a file system that has none."""
    kept = []
    try:
        for name in os.listxattr(file):
            kept.append((name, os.getxattr(file, name)))
    except OSError as error:
        if error.errno not in (errno.ENODATA, errno.EOPNOTSUPP):
            raise
    return tuple(kept)


def remove_tree(directory: int, name: str) -> None:
    """Remove what is called ``name`` (str) in ``directory`` (int, a descriptor), and all that lies in it, if it is a
    directory.  It need not be there.

    However deep it is, two descriptors are enough: directories that are not empty are first moved up.  Raises OSError:
    EBUSY, something is mounted there; EACCES.
    """
    if _removed(directory, name):
        return
    top = os.open(name, _flags(os.O_DIRECTORY | os.O_NOFOLLOW), dir_fd=directory)
    moved = 0
    try:
        while names := _names(top):
            for inner in names:
                if not _removed(top, inner):
                    moved = _emptied(top, inner, moved)
                    _removed(top, inner)  # if not, it has got something new, and the next round finds it
    finally:
        os.close(top)
    os.rmdir(name, dir_fd=directory)


def _removed(directory: int, name: str) -> bool:
    """Remove a file or an empty directory; return whether there is nothing by this name any more (bool)."""
    try:
        try:
            os.unlink(name, dir_fd=directory)
        except IsADirectoryError:
            os.rmdir(name, dir_fd=directory)
    except OSError as error:
        if error.errno in (errno.ENOTEMPTY, errno.EEXIST):
            return False
        if error.errno not in VANISHED:
            raise
    return True


def _emptied(top: int, name: str, moved: int) -> int:
    """Empty a directory in ``top``; what is not empty in it is moved up there.  Return the number of those so far."""
    try:
        directory = os.open(name, _flags(os.O_DIRECTORY | os.O_NOFOLLOW), dir_fd=top)
    except OSError as error:
        if error.errno in VANISHED:
            return moved
        raise
    try:
        for inner in _names(directory):
            while not _removed(directory, inner):
                moved += 1
                try:
                    os.rename(inner, f".removed-{moved}", src_dir_fd=directory, dst_dir_fd=top)
                except OSError as error:
                    if error.errno not in (*VANISHED, *OCCUPIED):  # occupied: the next number
                        raise
    finally:
        os.close(directory)
    return moved


def _names(directory: int) -> list[str]:
    with os.scandir(directory) as entries:
        return [entry.name for entry in entries]


def _flags(more: int) -> int:
    return os.O_RDONLY | os.O_CLOEXEC | more
