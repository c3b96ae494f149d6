"""Making a copy of one file: its content, then times, owner, extended attributes and mode, in GNU's order."""

import errno
import stat
from typing import TYPE_CHECKING

from course.processes.simulated.process import CHUNK
from course.processes.simulated.programs import replacing
from course.processes.simulated.programs.canonical import canonical
from course.processes.simulated.programs.operands import above
from course.processes.simulated.programs.quoting import named, quoted
from course.processes.simulated.programs.registry import Failed, trying
from course.processes.simulated.programs.same_files import same
from course.union import flags
from course.union.filesystem import OpenFile, Stat, UnionFilesystem

if TYPE_CHECKING:
    from course.processes.simulated.programs.copying import Copier, Pair

OWNER, OTHERS = stat.S_IRWXU, stat.S_IRWXG | stat.S_IRWXO
WRITE_OTHERS = stat.S_IWGRP | stat.S_IWOTH


def make(copier: "Copier", pair: "Pair") -> bool:
    """Make the copy of a file that is no directory (Pair), or a link to it.

    Return whether an old file had to be removed for it, with ``cp -f`` (bool).  Raises Failed.
    """
    fs, wishes = copier.fs, copier.wishes
    source, destination, kind = pair.source, pair.destination, stat.S_IFMT(pair.found.st_mode)
    if wishes.make == "symlinks":
        _symlink(copier, pair)
    elif wishes.make == "links":
        with trying(f"cannot create hard link {quoted(destination)} to {quoted(source)}"):
            original = source if wishes.follow == "never" else canonical(fs, source)
            replacing.link(fs, original, destination, replace=wishes.force or wishes.existing == "ask")
    elif kind == stat.S_IFREG or (not wishes.recursive and kind != stat.S_IFLNK):
        return _regular(copier, pair)
    elif kind == stat.S_IFLNK:
        with trying(f"cannot read symbolic link {quoted(source)}"):
            target = fs.readlink(source)
        with trying(f"cannot create symbolic link {quoted(destination)}"):
            replacing.symlink(fs, target, destination, replace=wishes.force)
        finish(copier, pair, new=True)
    else:
        what = "fifo" if kind == stat.S_IFIFO else "special file"
        with trying(f"cannot create {what} {quoted(destination)}"):
            fs.mknod(destination, pair.found.st_mode & ~_held_back(copier, pair), pair.found.st_rdev)
        finish(copier, pair, new=True)
    return False


def make_directory(copier: "Copier", pair: "Pair") -> None:
    """Make a new directory, which ``finish`` is to finish once it is filled.  Raises Failed."""
    fs, path = copier.fs, pair.destination
    with trying(f"cannot create directory {quoted(path)}"):
        fs.mkdir(path, pair.found.st_mode & 0o7777 & ~_held_back(copier, pair))
    there = fs.lstat(path)
    if there.st_mode & OWNER != OWNER:
        with trying(f"setting permissions for {quoted(path)}"):
            fs.chmod(path, (there.st_mode | OWNER) & 0o7777)
    if not copier.made_directory:  # it may turn up in the source: cp -r d d
        copier.copies.setdefault((there.st_dev, there.st_ino), path)
        copier.made_directory = True


def finish(copier: "Copier", pair: "Pair", new: bool) -> None:
    """Give a copy the times, the owner, the extended attributes and the mode that it is to have.  Raises Failed."""
    fs, wishes, found, path = copier.fs, copier.wishes, pair.found, pair.destination
    link = stat.S_ISLNK(found.st_mode)
    mode = found.st_mode & 0o7777
    if "timestamps" in wishes.keep:
        with trying(f"preserving times for {quoted(path)}"):
            fs.utime(path, found.st_atime_ns, found.st_mtime_ns, follow_symlinks=not link)
    if (
        "ownership" in wishes.keep
        and (new or not _same_owner(fs, path, found))
        and not _keep_owner(fs, path, found, link)
    ):
        mode &= 0o777
    if "xattr" in wishes.keep:
        _keep_xattrs(fs, pair.source, path, link)
    if link:
        return
    umask = fs.umask(0)
    fs.umask(umask)
    if "mode" not in wishes.keep:
        if not new:
            return
        if wishes.forget_mode:
            mode = (0o777 if pair.is_directory else 0o666) & ~umask
        elif _held_back(copier, pair) & ~umask or (pair.is_directory and mode & OWNER != OWNER):
            mode &= 0o777 & ~umask
        else:
            return
    with trying(f"preserving permissions for {quoted(path)}"):
        fs.chmod(path, mode)


def _held_back(copier: "Copier", pair: "Pair") -> int:
    """Return the permissions that a new file is not given before it has its owner (int)."""
    if "ownership" in copier.wishes.keep:
        return pair.found.st_mode & OTHERS
    return pair.found.st_mode & WRITE_OTHERS if pair.is_directory else 0


def _regular(copier: "Copier", pair: "Pair") -> bool:
    fs = copier.fs
    with trying(f"cannot open {quoted(pair.source)} for reading"):
        source = fs.open_file(pair.source, flags.O_RDONLY)
    destination, new, removed = _open(copier, pair)
    with trying(f"error copying {quoted(pair.source)} to {quoted(pair.destination)}"):
        _content(source, destination, pair.found)
    finish(copier, pair, new)
    return removed


def _open(copier: "Copier", pair: "Pair") -> tuple[OpenFile, bool, bool]:
    """Return the file to copy into (OpenFile), whether it is new, and whether an old one was removed for it (bool)."""
    fs, path, removed = copier.fs, pair.destination, False
    with trying(f"cannot create regular file {quoted(path)}"):
        if pair.there:
            try:
                return fs.open_file(path, flags.O_WRONLY | flags.O_TRUNC), False, False
            except OSError:
                if not copier.wishes.force:
                    raise
            with trying(f"cannot remove {quoted(path)}"):
                fs.unlink(path)
            removed = True
        mode = pair.found.st_mode & 0o777 & ~_held_back(copier, pair)
        try:
            return fs.open_file(path, flags.O_WRONLY | flags.O_CREAT | flags.O_EXCL, mode), True, removed
        except FileExistsError:
            if not stat.S_ISLNK(fs.lstat(path).st_mode):
                raise
            raise Failed(f"not writing through dangling symlink {quoted(path)}") from None
        except IsADirectoryError:
            raise Failed(f"cannot create regular file {quoted(path)}: Not a directory") from None


def _content(source: OpenFile, destination: OpenFile, found: Stat) -> None:
    """Copy what is in one open file to another (OpenFile both); holes of the source stay holes.  Raises OSError."""
    if not stat.S_ISREG(found.st_mode) or found.st_blocks * 512 >= found.st_size:
        while data := source.read(CHUNK):
            destination.write(data)
        return
    end = 0
    while end < found.st_size:
        try:
            start = source.seek(end, flags.SEEK_DATA)
        except OSError as error:
            if error.errno != errno.ENXIO:
                raise
            break  # nothing but a hole up to the end
        end = source.seek(start, flags.SEEK_HOLE)
        while start < end and (data := source.pread(min(CHUNK, end - start), start)):
            start += destination.pwrite(data, start)
    destination.truncate(found.st_size)


def _symlink(copier: "Copier", pair: "Pair") -> None:
    fs, path = copier.fs, pair.destination
    if not pair.source.startswith("/") and not same(fs.stat("."), fs.stat(above(path))):
        raise Failed(f"{named(path)}: can make relative symbolic links only in current directory")
    with trying(f"cannot create symbolic link {quoted(path)} to {quoted(pair.source)}"):
        replacing.symlink(fs, pair.source, path, replace=copier.wishes.force)
    if "timestamps" in copier.wishes.keep:
        with trying(f"preserving times for {quoted(path)}"):
            fs.utime(path, pair.found.st_atime_ns, pair.found.st_mtime_ns, follow_symlinks=False)


def _same_owner(fs: UnionFilesystem, path: str, found: Stat) -> bool:
    there = fs.stat(path)
    return (there.st_uid, there.st_gid) == (found.st_uid, found.st_gid)


def _keep_owner(fs: UnionFilesystem, path: str, found: Stat, link: bool) -> bool:
    """Return whether the owner could be kept (bool); an ordinary user cannot, and is not told."""
    change = fs.lchown if link else fs.chown
    try:
        change(path, found.st_uid, found.st_gid)
    except OSError as error:
        if fs.uid == 0 or error.errno not in (errno.EPERM, errno.EINVAL):
            raise Failed(f"failed to preserve ownership for {quoted(path)}: {error.strerror}") from None
    else:
        return True
    try:
        change(path, -1, found.st_gid)
    except OSError:
        return False
    return False


def _keep_xattrs(fs: UnionFilesystem, source: str, path: str, link: bool) -> None:
    for name in fs.listxattr(source, follow_symlinks=not link):
        try:
            fs.setxattr(path, name, fs.getxattr(source, name, follow_symlinks=not link), follow_symlinks=not link)
        except OSError:
            continue  # as cp -a and mv do: not worth a message
