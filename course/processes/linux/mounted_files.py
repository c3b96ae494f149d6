"""Mounted files: the files of a real container or volume, by those calls of a UnionFilesystem that ``docker cp`` needs.

A fork of the helper carries them out (``inside``); each raises OSError with the errno that the kernel gave.
"""

import errno
import io
import os
import socket
import tempfile
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, BinaryIO, NamedTuple, cast

from course.errors import MachineError
from course.processes.linux import user_namespace, wire
from course.processes.linux.explaining import explained
from course.processes.linux.helper_process import HelperProcess
from course.processes.linux.unpacking import IdMap
from course.transport.compression import CHUNK
from course.union.file_data import FileData
from course.union.filesystem import UnionFilesystem
from course.union.posix.attributes import Stat
from course.words import _, shown

NOT_KEPT = (errno.EPERM, errno.EOPNOTSUPP)  # attributes that cannot be set are left out: moby, pkg/archive/archive.go


class MountPlace(NamedTuple):
    """Where a path leads: to what is mounted at ``path`` (str), which may be ``read_only`` (bool)."""

    path: str
    read_only: bool


class MountedFiles:
    """The files that a fork of the helper shows at the other end of ``channel`` (socket).

    ``many_ids`` is whether files can belong to others than root (bool).  Once ``close`` returns nothing is mounted any
    more; what ``content`` has returned can be read all the same.
    """

    def __init__(self, channel: socket.socket, many_ids: bool) -> None:
        self._channel = channel
        self._ids = IdMap(0, 0, user_namespace.COUNT if many_ids else 1)
        self._spool: Spool | None = None
        self._size = 0  # of what was looked at last
        weakref.finalize(self, channel.close)

    def close(self) -> None:
        """Have all unmounted."""
        try:
            wire.send(self._channel, ("end",))
            wire.receive(self._channel)
        except OSError:
            pass  # it is gone, and so is its mount namespace
        self._channel.close()
        self._spool = None  # whoever has contents of it keeps it open

    def _ask(self, name: str, path: str, *arguments: Any) -> Any:
        try:
            wire.send(self._channel, (name, path, *arguments))
            answer, passed = wire.receive(self._channel)
        except OSError:
            answer = None
        if answer is None:
            raise _killed()
        if answer[0] == "error":
            raise OSError(answer[1], answer[2], path)
        return passed[0] if passed else answer[1]

    # To look

    def stat(self, path: str) -> Stat:
        """As UnionFilesystem.stat."""
        return Stat(*self._ask("stat", path))

    def lstat(self, path: str) -> Stat:
        """As UnionFilesystem.lstat."""
        found = Stat(*self._ask("lstat", path))
        self._size = found.st_size
        return found

    def listdir(self, path: str) -> list[str]:
        """As UnionFilesystem.listdir."""
        return sorted(self._ask("listdir", path))

    def readlink(self, path: str) -> str:
        """As UnionFilesystem.readlink."""
        return str(self._ask("readlink", path))

    def listxattr(self, path: str, *, follow_symlinks: bool = True) -> list[str]:
        """As UnionFilesystem.listxattr, never through a link."""
        return sorted(self._ask("listxattr", path))

    def getxattr(self, path: str, name: str, *, follow_symlinks: bool = True) -> bytes:
        """As UnionFilesystem.getxattr, never through a link."""
        return bytes(self._ask("getxattr", path, name))

    def content(self, path: str) -> "Kept":
        """Return the content of the file that was looked at last (Kept), copied: it may change at any time.

        It has the size that it had then: what has grown is cut, what has shrunk ends in zeros, as with tar(1).
        """
        self._spool = self._spool or Spool()
        file = self._ask("read", path)
        try:
            return self._spool.kept(file, self._size)
        finally:
            os.close(file)

    def mounted_at(self, path: str) -> MountPlace:
        """Return where ``path`` leads (MountPlace): of what is not the container's own, its path is as good as any."""
        is_own, read_only = self._ask("mounted_at", path)
        return MountPlace("/" if is_own else path, read_only)

    # To change

    def open_file(self, path: str, flags: int = 0) -> "NewFile":
        """Make a file that is not there yet, whatever ``flags`` say: NewFile."""
        return NewFile(lambda: int(self._ask("make", path)), path)

    def mkdir(self, path: str, mode: int = 0o777) -> None:
        """As UnionFilesystem.mkdir."""
        self._ask("mkdir", path, mode)

    def rmdir(self, path: str) -> None:
        """As UnionFilesystem.rmdir."""
        self._ask("rmdir", path)

    def unlink(self, path: str) -> None:
        """As UnionFilesystem.unlink."""
        self._ask("unlink", path)

    def link(self, source: str, path: str) -> None:
        """As UnionFilesystem.link."""
        self._ask("link", source, path)

    def symlink(self, target: str, path: str) -> None:
        """As UnionFilesystem.symlink."""
        self._ask("symlink", target, path)

    def mknod(self, path: str, mode: int, device: tuple[int, int] = (0, 0)) -> None:
        """As UnionFilesystem.mknod; a device is EPERM, as nobody makes one in a user namespace."""
        self._ask("mknod", path, mode, device)

    def lchown(self, path: str, uid: int, gid: int) -> None:
        """As UnionFilesystem.lchown; an id that is not mapped becomes another: IdMap."""
        self._ask("lchown", path, *self._ids.host(uid, gid))

    def chmod(self, path: str, mode: int) -> None:
        """As UnionFilesystem.chmod."""
        self._ask("chmod", path, mode)

    def utime(self, path: str, atime_ns: int, mtime_ns: int, *, follow_symlinks: bool = True) -> None:
        """As UnionFilesystem.utime, never through a link."""
        self._ask("utime", path, (atime_ns, mtime_ns))

    def setxattr(self, path: str, name: str, value: bytes, *, follow_symlinks: bool = True) -> None:
        """As UnionFilesystem.setxattr, never through a link; what only the host's root could set is left out."""
        try:
            self._ask("setxattr", path, name, value)
        except OSError as error:
            if error.errno not in NOT_KEPT:
                raise


class NewFile:
    """A file to be made at ``path`` (str): ``make`` returns its descriptor (callable, to int)."""

    def __init__(self, make: Callable[[], int], path: str) -> None:
        self._file, self._path = make(), path

    def become(self, data: FileData) -> None:
        """Write all of ``data`` (FileData), and close.  Raises OSError: the disk is full."""
        try:
            with data.content.open() as stream:  # type: ignore[union-attr]  # of a layer's entry
                left = data.size
                while left and (chunk := stream.read(min(left, CHUNK))):
                    left -= len(chunk)
                    while chunk:
                        chunk = chunk[os.write(self._file, chunk) :]
        except OSError as error:
            raise OSError(error.errno, error.strerror, self._path) from error
        finally:
            os.close(self._file)


class Spool:
    """A file of no name that contents are copied into, one after the other."""

    def __init__(self) -> None:
        with tempfile.TemporaryFile() as file:
            self.file, self._end = os.dup(file.fileno()), 0
        weakref.finalize(self, os.close, self.file)

    def kept(self, file: int, size: int) -> "Kept":
        """Copy ``size`` bytes of the ``file`` (int), and return them (Kept)."""
        start, self._end = self._end, self._end + size
        os.lseek(self.file, start, os.SEEK_SET)
        while size and (count := os.sendfile(self.file, file, None, min(size, 1 << 30))):
            size -= count
        os.ftruncate(self.file, self._end)
        return Kept(self, start, self._end - start)


@dataclass(frozen=True, slots=True)
class Kept:
    """The content of a file: ``size`` bytes (int) of a ``spool`` (Spool), from ``start`` (int) on."""

    spool: Spool
    start: int
    size: int

    def open(self) -> BinaryIO:
        """Return the bytes as a stream that can seek (binary file object)."""
        return io.BufferedReader(_Part(self), CHUNK)

    def copy(self) -> "Kept":
        """Return the same: nobody changes it."""
        return self


class _Part(io.RawIOBase):
    """A Kept as a stream."""

    def __init__(self, kept: Kept) -> None:
        self._kept, self._at = kept, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0, /) -> int:
        self._at = offset + (0, self._at, self._kept.size)[whence]
        return self._at

    def readinto(self, buffer: "memoryview | bytearray", /) -> int:  # type: ignore[override]
        count = max(0, min(len(buffer), self._kept.size - self._at))
        done = os.preadv(self._kept.spool.file, [memoryview(buffer)[:count]], self._kept.start + self._at)
        self._at += done
        return done


class HostFiles:
    """The files of this machine, as far as bind mounts need them, with the rights of whoever runs the engine."""

    def stat(self, path: str) -> os.stat_result:
        """stat(2)."""
        return os.stat(path)

    def lstat(self, path: str) -> os.stat_result:
        """lstat(2)."""
        return os.lstat(path)

    def mkdir(self, path: str) -> None:
        """Make a directory for a container, whose root it belongs to (moby, volume/mounts/mounts.go, Setup)."""
        os.mkdir(path, 0o755)
        if user_namespace.is_root():
            os.lchown(path, *user_namespace.owner())


def _killed() -> MachineError:
    return MachineError(_("The process that reads and writes a container's files was killed; try again."))


@contextmanager
def mounted(helper: HelperProcess, spec: dict[str, Any]) -> Iterator[UnionFilesystem]:
    """Yield the files of the container that ``spec`` (dict) tells of: as much of a UnionFilesystem as cp needs.

    ``helper`` (HelperProcess) mounts them, and they are unmounted at the end.  Raises MachineError.
    """
    files = _look_into(helper, spec)
    try:
        yield cast(UnionFilesystem, files)
    finally:
        files.close()


def tree(helper: HelperProcess, name: str) -> UnionFilesystem:
    """Return the files ``name`` (str) that containers share: ``volume:NAME``, or ``host``; as much as is needed.

    Raises MachineError.
    """
    kind, _colon, volume = name.partition(":")
    files = HostFiles() if kind == "host" else _look_into(helper, {"folder": f"volumes/{volume}/_data"})
    return cast(UnionFilesystem, files)


def _look_into(helper: HelperProcess, spec: dict[str, Any]) -> MountedFiles:
    """Have the ``helper`` (HelperProcess) show what ``spec`` (dict) tells of, as ``inside.show`` takes it.

    Raises MachineError: it cannot be mounted here.
    """
    here, there = wire.pair()
    with there:
        helper.ask("inside", spec, descriptors=(there.fileno(),))
    files = MountedFiles(here, helper.many_ids)
    try:
        answer, _passed = wire.receive(here)
    except OSError:
        answer = None
    if answer is None:
        raise _killed()
    if answer[0] == "error":
        reason = explained(OSError(*answer[1:]))
        raise MachineError(_("{what}: {reason}.").format(what=shown(answer[3]), reason=reason))
    return files
