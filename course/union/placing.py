"""Placing: entries of a layer are put into a mounted file system, as unpacking a tar does, and taken out of one."""

import dataclasses
import stat
from collections.abc import Mapping
from types import MappingProxyType

from course.layers import paths
from course.layers.entry import FileEntry, Kind
from course.union.file_data import FileData
from course.union.filesystem import UnionFilesystem
from course.union.flags import O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY


def place(filesystem: UnionFilesystem, entries: Mapping[str, FileEntry]) -> None:
    """Put ``entries`` (mapping of path to FileEntry) into ``filesystem``, with their owners, modes and times.

    A directory over a directory takes its attributes; anything else takes the place of what is there.  Directories on
    the way that are missing are made.  No content is copied.  Raises OSError: EROFS, ENOTDIR.
    Rule: image-spec layer.md, "Applying Changesets".

    >>> from course.layers.layer import Layer
    >>> filesystem = UnionFilesystem([Layer.of({"/etc/motd": "welcome"})])
    >>> place(filesystem, Layer.of({"/etc/motd": "hello", "/opt/tool/run": "#!/bin/sh"}).entries)
    >>> [str(change) for change in filesystem.changes()]
    ['C /etc', 'C /etc/motd', 'A /opt', 'A /opt/tool', 'A /opt/tool/run']
    """
    ordered = sorted(entries, key=lambda path: (bool(entries[path].link_to), path.split("/")))
    for path in ordered:
        _place(filesystem, path, entries[path])
    for path in sorted(ordered, reverse=True):  # times last, and of a directory after all that was put into it
        if not entries[path].link_to:
            time = entries[path].mtime_ns
            filesystem.utime(path, time, time, follow_symlinks=False)


def _place(filesystem: UnionFilesystem, path: str, entry: FileEntry) -> None:
    for above in paths.ancestors(path)[1:]:
        if not _is_there(filesystem, above):
            filesystem.mkdir(above, 0o755)
    if path != paths.ROOT and not (entry.is_directory and _is_directory(filesystem, path)):
        remove_tree(filesystem, path)
        _make(filesystem, path, entry)
    if entry.link_to:
        return
    filesystem.lchown(path, entry.uid, entry.gid)
    if entry.kind is not Kind.SYMLINK:
        filesystem.chmod(path, entry.mode)
    for name, value in entry.xattrs.items():
        filesystem.setxattr(path, name, value, follow_symlinks=False)


def _make(filesystem: UnionFilesystem, path: str, entry: FileEntry) -> None:
    if entry.link_to:
        filesystem.link(entry.link_to, path)
    elif entry.is_directory:
        filesystem.mkdir(path)
    elif entry.kind is Kind.SYMLINK:
        filesystem.symlink(entry.target, path)
    elif entry.kind is Kind.FILE:
        file = filesystem.open_file(path, O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW)
        file.become(FileData(entry.content, entry.size))
    else:
        filesystem.mknod(path, entry.st_mode, entry.device)


def remove_tree(filesystem: UnionFilesystem, path: str) -> None:
    """Remove what is at ``path`` (str), if there is anything, with all that lies in it.  Raises OSError."""
    if not _is_there(filesystem, path):
        return
    todo = [path]
    while todo:
        here = todo[-1]
        names = filesystem.listdir(here) if _is_directory(filesystem, here) else []
        if names:
            todo += [paths.join(here, name) for name in names]
            continue
        todo.pop()
        (filesystem.rmdir if _is_directory(filesystem, here) else filesystem.unlink)(here)


def take(filesystem: UnionFilesystem, path: str) -> dict[str, FileEntry]:
    """Return what ``filesystem`` shows at ``path`` (str, absolute) and below it (dict of path to FileEntry).

    No content is copied, and what is written later does not show.  Sockets are left out.  Raises OSError.

    >>> from course.layers.layer import Layer
    >>> filesystem = UnionFilesystem([Layer.of({"/etc/motd": "welcome"})])
    >>> sorted(take(filesystem, "/etc"))
    ['/etc', '/etc/motd']
    """
    entries: dict[str, FileEntry] = {}
    first_names: dict[tuple[int, int], str] = {}
    todo = [path]
    while todo:
        here = todo.pop()
        found = filesystem.lstat(here)
        kind = stat.S_IFMT(found.st_mode)
        if kind == stat.S_IFSOCK:
            continue
        entry = FileEntry(
            Kind(kind), stat.S_IMODE(found.st_mode), found.st_uid, found.st_gid, found.st_mtime_ns, device=found.st_rdev
        )
        if entry.is_directory:
            todo += [paths.join(here, name) for name in filesystem.listdir(here)]
        elif entry.kind is Kind.SYMLINK:
            entry = dataclasses.replace(entry, target=filesystem.readlink(here))
        elif entry.kind is Kind.FILE:
            first = first_names.setdefault((found.st_dev, found.st_ino), here)
            content = filesystem.content(here)
            link = "" if first == here else first
            entry = dataclasses.replace(entry, size=found.st_size, content=content, link_to=link)
        names = filesystem.listxattr(here, follow_symlinks=False)
        xattrs = {name: filesystem.getxattr(here, name, follow_symlinks=False) for name in names}
        entries[here] = dataclasses.replace(entry, xattrs=MappingProxyType(xattrs)) if xattrs else entry
    return entries


def _is_there(filesystem: UnionFilesystem, path: str) -> bool:
    try:
        filesystem.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return False
    return True


def _is_directory(filesystem: UnionFilesystem, path: str) -> bool:
    return _is_there(filesystem, path) and stat.S_ISDIR(filesystem.lstat(path).st_mode)
