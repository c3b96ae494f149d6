"""Unpacking: what a layer holds is written into a directory, in overlayfs's own form, and nothing outside of it."""

import errno
import os
import stat
from collections import defaultdict
from collections.abc import Generator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from course.errors import InvalidLayer, MachineError
from course.layers import paths
from course.layers.entry import FileEntry, Kind
from course.layers.layer import Layer
from course.processes.linux.syscalls import (
    RESOLVE_BENEATH,
    RESOLVE_NO_MAGICLINKS,
    RESOLVE_NO_SYMLINKS,
    RESOLVE_NO_XDEV,
    openat2,
)
from course.processes.linux.tar_split import split
from course.transport.compression import CHUNK
from course.transport.stored_layer import stream_layer
from course.union.marks import DEVICE_0_0, USER, to_overlayfs
from course.union.view import UnionView
from course.words import _, _n, shown

NOBODY = 65534  # user_namespaces(7): what an id shows as that is not mapped
SET_ID = stat.S_ISUID | stat.S_ISGID
OWN_SPACE = "user."  # xattr(7): of files and directories; the others are the kernel's and root's
LATEST = ((1 << 63) - 1) * 10**9  # time_t
HAVE_XATTRS = (Kind.FILE, Kind.DIRECTORY)
WITHIN = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV
KEPT_OPEN = 32  # directories
FEW = 3  # names that a note gives


@dataclass(frozen=True, slots=True)
class IdMap:
    """Which ids of this machine stand for those of containers: user_namespaces(7).

    ``uid`` and ``gid`` (int) are those of a container's root, ``count`` (int) how many ids from there on are mapped.
    Ids beyond become nobody's, or root's where only that one is mapped: an ordinary user, who has no other id to give.

    >>> IdMap(100000, 100000, 65536).host(33, 33), IdMap(1000, 100).host(33, 33)
    ((100033, 100033), (1000, 100))
    """

    uid: int
    gid: int
    count: int = 1

    def has(self, uid: int, gid: int) -> bool:
        """Return whether an owner and group (int) are both mapped (bool)."""
        return 0 <= uid < self.count and 0 <= gid < self.count

    def host(self, uid: int, gid: int) -> tuple[int, int]:
        """Return the ids on this machine (pair of int) of an owner and group in a container (int)."""
        other = NOBODY if self.count > NOBODY else 0
        return (
            self.uid + (uid if 0 <= uid < self.count else other),
            self.gid + (gid if 0 <= gid < self.count else other),
        )


def unpack(layer: Layer, folder: int, ids: IdMap, rest: BinaryIO | None = None) -> list[str]:
    """Write what ``layer`` (Layer) holds into the empty directory ``folder`` (int, a descriptor).

    Whiteouts and opaque directories are written as overlayfs has them under the option ``userxattr``; an attribute of
    the image's own that is called like a mark is escaped.  Owners are those that ``ids`` (IdMap) gives them.  What is
    left out is told by the sentences returned (list of str): devices; set-id bits of files, so that nobody of this
    machine gains by what an image brings; extended attributes but ``user.…``; owners that are not mapped.  With
    ``rest`` (binary file object), the layer's tar is split on the way: ``tar_split`` makes it whole again.

    Every name is reached from ``folder`` on without following a link, whoever moves directories meanwhile.  Nothing is
    synced: whoever unpacks calls syncfs(2) once, after the last layer and before any of them gets its name.

    Raises MachineError: this disk cannot hold the layer (it is full, say, or takes two names for one); InvalidLayer: a
    path leads out of the layer, or is no name; and as ``split`` and ``stream_layer`` do.  What was written so far
    stays: whoever made the directory removes it.  Rule: overlayfs.rst, "User xattr".
    """
    _check_paths(layer)
    entries = {paths.ROOT: UnionView(layer.stack).root.entry, **to_overlayfs(layer, USER)}
    writing = _Writing(folder, ids, UnionView(layer.stack[:-1]))
    return writing.write(entries, split(layer, rest) if rest else _contents(layer))


def _contents(layer: Layer) -> Generator[tuple[str, BinaryIO], None, None]:
    """Yield the path (str) and the content (binary file object) of each file of the layer, read in one pass."""
    return ((path, stream) for path, _entry, stream in stream_layer(layer) if stream)


class Readable(Protocol):
    """What a file's content is read from."""

    def read(self, count: int, /) -> bytes:
        """Return the next bytes, at most ``count`` (int); none at the end."""
        ...


class _Writing:
    """A layer on its way into a directory.

    ``below`` is what lies under it (UnionView).
    """

    def __init__(self, folder: int, ids: IdMap, below: UnionView) -> None:
        self._folder, self._ids, self._below = folder, ids, below
        self._directories = Directories(folder)
        self._notes: defaultdict[str, list[str]] = defaultdict(list)
        self._path = paths.ROOT  # what is being written

    def write(
        self, entries: Mapping[str, FileEntry], contents: Generator[tuple[str, Readable], None, None]
    ) -> list[str]:
        """Write the ``entries`` of a directory, files with their ``contents``; return the notes (list of str)."""
        files = {path for path, entry in entries.items() if entry.kind is Kind.FILE and not entry.link_to}
        directories = [path for path, entry in entries.items() if entry.is_directory]
        try:
            with closing(contents):
                for self._path, content in contents:
                    if self._path in files:
                        files.remove(self._path)
                        self._file(self._path, entries[self._path], content)
            if files:
                raise InvalidLayer(_("'{path}' is not in the layer's tar.").format(path=shown(min(files))))
            for self._path, entry in entries.items():
                if entry.is_directory:
                    self._directories.made(self._path)
                elif entry.kind is not Kind.FILE or entry.link_to:
                    self._other(self._path, entry)
            for self._path in sorted(directories, reverse=True):  # last: what is put into one moves its time
                self._attributes(self._directories.enter(self._path), self._path, entries[self._path])
        except OSError as error:
            raise self._failure(error) from error
        except ValueError as error:  # a NUL byte, say, where no reader looks for one
            raise InvalidLayer(
                _("'{path}' cannot be a file: {reason}.").format(path=shown(self._path), reason=error)
            ) from error
        finally:
            self._directories.close()
        return [_note(what, names) for what, names in self._notes.items()]

    def _file(self, path: str, entry: FileEntry, content: Readable) -> None:
        directory = self._directories.made(paths.parent(path))
        how = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC  # O_EXCL follows no link
        file = os.open(paths.name(path), how, 0o600, dir_fd=directory)
        try:
            _fill(file, path, entry, content)
            self._attributes(file, path, entry)
        finally:
            os.close(file)

    def _other(self, path: str, entry: FileEntry) -> None:
        """Make what is neither a directory nor the first name of a file."""
        if entry.kind in (Kind.CHARACTER_DEVICE, Kind.BLOCK_DEVICE) and entry is not DEVICE_0_0:
            self._notes[_("devices are left out")].append(path)
            if self._below.lookup(path) is None:
                return
            entry = DEVICE_0_0  # what lies below must not show instead
        directory, name = self._directories.made(paths.parent(path)), paths.name(path)
        if entry.link_to:
            source, original = self._directories.enter(paths.parent(entry.link_to)), paths.name(entry.link_to)
            os.link(original, name, src_dir_fd=source, dst_dir_fd=directory, follow_symlinks=False)
        elif entry.kind is Kind.FIFO:
            os.mknod(name, stat.S_IFIFO | 0o600, dir_fd=directory)
            file = os.open(name, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=directory)
            try:
                self._attributes(file, path, entry)
            finally:
                os.close(file)
        else:
            self._link_or_whiteout(path, entry, directory, name)

    def _link_or_whiteout(self, path: str, entry: FileEntry, directory: int, name: str) -> None:
        if entry.kind is Kind.SYMLINK:
            os.symlink(entry.target, name, dir_fd=directory)
        else:
            os.mknod(name, entry.st_mode, os.makedev(*entry.device), dir_fd=directory)
        self._xattrs(-1, path, entry)
        os.chown(name, *self._owner(path, entry), dir_fd=directory, follow_symlinks=False)
        os.utime(name, ns=_times(entry), dir_fd=directory, follow_symlinks=False)

    def _attributes(self, file: int, path: str, entry: FileEntry) -> None:
        """Give a file, FIFO or directory what its entry says.

        In this order: who may not write to it may set no attribute, and a new owner takes set-id bits away.
        """
        self._xattrs(file, path, entry)
        os.fchown(file, *self._owner(path, entry))
        mode = entry.mode if entry.is_directory else entry.mode & ~SET_ID
        if mode != entry.mode:
            self._notes[_("set-id bits are left out")].append(path)
        os.fchmod(file, mode)
        os.utime(file, ns=_times(entry))

    def _xattrs(self, file: int, path: str, entry: FileEntry) -> None:
        if not entry.xattrs:
            return
        kept = [name for name in entry.xattrs if name.startswith(OWN_SPACE)] if entry.kind in HAVE_XATTRS else []
        if len(kept) < len(entry.xattrs):
            self._notes[_("extended attributes that only root could set are left out")].append(path)
        for name in kept:
            os.setxattr(file, name, entry.xattrs[name])

    def _owner(self, path: str, entry: FileEntry) -> tuple[int, int]:
        if not self._ids.has(entry.uid, entry.gid):
            self._notes[_("owners that have no id on this machine are not kept")].append(path)
        return self._ids.host(entry.uid, entry.gid)

    def _failure(self, error: OSError) -> MachineError:
        where, path = shown(_path_of(self._folder)), shown(self._path)
        if error.errno == errno.EEXIST:
            return MachineError(
                _(
                    "{folder}: '{path}' cannot be told from another name there; choose a folder on a disk that tells "
                    "capital from small letters."
                ).format(folder=where, path=path)
            )
        return MachineError(
            _("{folder}: '{path}' cannot be written there: {reason}.").format(
                folder=where, path=path, reason=error.strerror
            )
        )


class Directories:
    """The directories below ``top`` (int, a descriptor), which are reached without following a link.

    The last few stay open until ``close``.  Methods raise OSError.
    """

    def __init__(self, top: int) -> None:
        self._top = top
        self._made = {paths.ROOT}
        self._open: dict[str, int] = {}

    def made(self, path: str) -> int:
        """Return the descriptor of the directory ``path`` (str); it and those above it are made first, if need be."""
        if path not in self._made:
            for step in [*paths.ancestors(path), path]:
                if step not in self._made:
                    os.mkdir(paths.name(step), 0o700, dir_fd=self.enter(paths.parent(step)))
                    self._made.add(step)
        return self.enter(path)

    def enter(self, path: str) -> int:
        """Return the descriptor of the directory ``path`` (str); it is good until many others were entered."""
        if path == paths.ROOT:
            return self._top
        descriptor = self._open.pop(path, None)
        if descriptor is None:
            how = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
            descriptor = openat2(self._top, path[1:], how, resolve=WITHIN)
            if len(self._open) >= KEPT_OPEN:
                os.close(self._open.pop(next(iter(self._open))))
        self._open[path] = descriptor  # as the last one to be closed
        return descriptor

    def close(self) -> None:
        """Close them all, but ``top``."""
        while self._open:
            os.close(self._open.popitem()[1])


def _fill(file: int, path: str, entry: FileEntry, content: Readable) -> None:
    left = entry.size
    while left and (chunk := content.read(min(left, CHUNK))):
        left -= len(chunk)
        while chunk:
            chunk = chunk[os.write(file, chunk) :]
    if left:
        raise InvalidLayer(
            _("'{path}' has not the {expected} bytes that were expected: it changed; open the image again.").format(
                path=shown(path), expected=entry.size
            )
        )


def _times(entry: FileEntry) -> tuple[int, int]:
    time = max(-LATEST, min(entry.mtime_ns, LATEST))
    return time, time


def _check_paths(layer: Layer) -> None:
    """Raise InvalidLayer if one of the paths leads out, or is written in another form than the others."""
    links = (entry.link_to for entry in layer.entries.values() if entry.link_to)
    for path in (*layer.entries, *layer.whiteouts, *layer.opaque, *links):
        try:
            is_normal = paths.normal(path) == path
        except ValueError:
            is_normal = False
        if not is_normal:
            raise InvalidLayer(_("'{path}' is no path inside a layer.").format(path=shown(path)))


def _path_of(folder: int) -> str:
    try:
        return str(Path(f"/proc/self/fd/{folder}").readlink())
    except OSError:
        return _("the layer's folder")


def _note(what: str, names: list[str]) -> str:
    few = ", ".join(shown(name) for name in names[:FEW])
    if len(names) > FEW:
        few += _n(" and {count} more", " and {count} more", len(names) - FEW)
    return f"{what}: {few}"
