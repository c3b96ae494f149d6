"""The calls on open files: descriptors, offsets, reading and writing."""

import errno
import os
import stat

from course.union.errnos import failure
from course.union.file_data import FileData
from course.union.flags import (
    FILE_MAX,
    O_ACCMODE,
    O_APPEND,
    O_CREAT,
    O_DIRECTORY,
    O_EXCL,
    O_NOFOLLOW,
    O_NONBLOCK,
    O_RDONLY,
    O_RDWR,
    O_TRUNC,
    O_WRONLY,
    OPEN_MAX,
    R_OK,
    SEEK_CUR,
    SEEK_DATA,
    SEEK_END,
    SEEK_HOLE,
    SEEK_SET,
    W_OK,
)
from course.union.inode import Inode
from course.union.mounts import Mount, MountTable
from course.union.overlay import Dentry
from course.union.posix.attributes import CAPABILITY, Attributes, Stat
from course.union.posix.caller import Step

NULL, ZERO, FULL = (1, 3), (1, 5), (1, 7)
RANDOM = ((1, 8), (1, 9))
FROM_DEVICE = 1 << 25  # bytes that a device gives at most in one read: it may give less than it is asked for


class OpenFile:
    """An open file description (open(2)): a file, how it was opened, and an offset.

    It stays good when its name goes, or moves.  A file that is copied up later is read from its copy.
    """

    def __init__(self, caller: "Descriptors", mount: Mount, dentry: Dentry, flags: int, path: str) -> None:
        self.flags, self.path = flags, path
        self._caller, self._mount, self._dentry, self._offset = caller, mount, dentry, 0

    def read(self, count: int) -> bytes:
        """Return at most ``count`` bytes from the offset on, which moves (bytes; empty at the end).  read(2)."""
        data = self._read(count, self._offset)
        self._offset += len(data)
        return data

    def pread(self, count: int, offset: int) -> bytes:
        """Return at most ``count`` bytes from ``offset`` on (bytes).  pread(2)."""
        self._check_seekable()
        return self._read(count, offset)

    def _check_seekable(self) -> None:
        if stat.S_ISFIFO(self._dentry.inode.mode):
            raise failure(errno.ESPIPE, self.path)

    def _read(self, count: int, offset: int) -> bytes:
        if self.flags & O_ACCMODE == O_WRONLY:
            raise failure(errno.EBADF, self.path)
        if count < 0 or offset + count > FILE_MAX:
            raise failure(errno.EINVAL, self.path)
        inode = self._dentry.inode
        if inode.is_file:
            return inode.data.read(offset, count)
        if inode.is_directory:
            raise failure(errno.EISDIR, self.path)
        count = min(count, FROM_DEVICE)
        if inode.device in RANDOM:
            return os.urandom(count)
        return bytes(count) if inode.device in (ZERO, FULL) else b""

    def write(self, data: bytes) -> int:
        """Write ``data`` (bytes) at the offset, which moves, or at the end (O_APPEND); return how much.  write(2)."""
        written = self._write(data, self._offset)
        self._offset = self._dentry.inode.size if self.flags & O_APPEND and data else self._offset + written
        return written

    def pwrite(self, data: bytes, offset: int) -> int:
        """Write ``data`` (bytes) at ``offset``, with O_APPEND at the end all the same; return how much (int).

        pwrite(2), "BUGS".
        """
        self._check_seekable()
        return self._write(data, offset)

    def _write(self, data: bytes, offset: int) -> int:
        data = bytes(memoryview(data))  # a text is a TypeError before anything changes; what is kept is nobody else's
        if self.flags & O_ACCMODE == O_RDONLY:
            raise failure(errno.EBADF, self.path)
        if offset + len(data) > FILE_MAX:
            raise failure(errno.EINVAL, self.path)
        inode = self._dentry.inode
        if inode.device == FULL and data:
            raise failure(errno.ENOSPC, self.path)
        if inode.is_file and data:
            offset = inode.data.size if self.flags & O_APPEND else offset
            data = data[: FILE_MAX - offset]
            if not data:
                raise failure(errno.EFBIG, self.path)
            self._caller.wrote(self._mount, inode)
            inode.data.write(offset, data)
        return len(data)

    def seek(self, offset: int, whence: int = SEEK_SET) -> int:
        """Move the offset and return it (int).  lseek(2)."""
        if not SEEK_SET <= whence <= SEEK_HOLE:
            raise failure(errno.EINVAL, self.path)
        self._check_seekable()
        inode = self._dentry.inode
        if stat.S_ISCHR(inode.mode):
            target = 0  # null(4) and its kin have no offset
        elif whence in (SEEK_DATA, SEEK_HOLE):
            target = self._sought(inode, offset, whence)
        else:
            target = offset + {SEEK_SET: 0, SEEK_CUR: self._offset, SEEK_END: inode.size}[whence]
        if not 0 <= target <= FILE_MAX:
            raise failure(errno.EINVAL, self.path)
        self._offset = target
        return target

    def _sought(self, inode: Inode, offset: int, whence: int) -> int:
        if not 0 <= offset < inode.size:
            raise failure(errno.ENXIO, self.path)
        if whence == SEEK_HOLE:
            return inode.data.next_hole(offset)
        found = inode.data.next_data(offset)
        if found is None or found >= inode.size:
            raise failure(errno.ENXIO, self.path)
        return found

    def truncate(self, length: int) -> None:
        """Cut the file to ``length`` bytes (int), or lengthen it by a hole.  ftruncate(2)."""
        inode = self._dentry.inode
        if self.flags & O_ACCMODE == O_RDONLY or not inode.is_file:
            raise failure(errno.EINVAL, self.path)
        self._caller.wrote(self._mount, inode)
        inode.data.truncate(length)

    def become(self, data: FileData) -> None:
        """Take ``data`` (FileData) for the whole content of a file just made: writing it without copying it."""
        self._caller.wrote(self._mount, self._dentry.inode)
        self._dentry.inode.data = data

    def stat(self) -> Stat:
        """Return what there is to know of the file (Stat).  fstat(2)."""
        return self._caller._stat(self._mount, self._dentry)

    def chmod(self, mode: int) -> None:
        """Set the permission bits (int).  fchmod(2)."""
        self._caller._chmod(self._mount, self._dentry, mode, self.path)

    def chown(self, uid: int, gid: int) -> None:
        """Give the file to a user and a group (int).  fchown(2)."""
        self._caller._chown(self._mount, self._dentry, uid, gid, self.path)

    def utime(self, atime_ns: int | None = None, mtime_ns: int | None = None) -> None:
        """Set the times (int, nanoseconds); None leaves one as it is, without any both become now.  futimens(3)."""
        self._caller._utime(self._mount, self._dentry, atime_ns, mtime_ns, self.path)


class Descriptors(Attributes):
    """What a caller does with open files.  Every call raises OSError as its man page says."""

    def __init__(self, mounts: MountTable) -> None:
        super().__init__(mounts)
        self._files: dict[int, OpenFile] = {}

    def open_file(self, path: str, flags: int = O_RDONLY, mode: int = 0o777) -> OpenFile:
        """Open a file and return it without giving it a number (OpenFile).  As ``open``."""
        creating, writing = flags & O_CREAT, flags & O_ACCMODE != O_RDONLY
        _check_flags(flags, path)
        follow = not flags & O_NOFOLLOW and not (creating and flags & O_EXCL)
        step = self._walk(path, follow, through_slash=not creating)
        if creating and step.slash and not step.is_special:
            raise failure(errno.EISDIR, path)
        dentry = step.dentry
        if dentry is None:
            if not creating or step.why_missing != errno.ENOENT:
                raise failure(step.why_missing, path)
            self._check_make(step, path)
            inode = self._new_inode(step, stat.S_IFREG | (mode & 0o7777 & ~self.mask))
            made = step.mount.overlay.make(step.directory, step.name, inode)
            return OpenFile(self, step.mount, made, flags, path)
        mount, dentry = self._through(step.beyond, dentry, step.name)
        self._check_open(mount, dentry.inode, step, flags, path)
        if dentry.inode.is_file and (writing or flags & O_TRUNC):
            self._check_writable(mount, path)
            inode = mount.overlay.copy_up(dentry, with_data=not flags & O_TRUNC)
            if flags & O_TRUNC:
                self.wrote(mount, inode)
                inode.data.truncate(0)
        return OpenFile(self, mount, dentry, flags, path)

    def _check_open(self, mount: Mount, inode: Inode, step: Step, flags: int, path: str) -> None:
        """Raise OSError if what is there cannot be opened with these ``flags``; EROFS here only if it is to be cut."""
        if flags & O_CREAT and flags & O_EXCL:
            raise failure(errno.EEXIST, path)
        if flags & O_CREAT and inode.is_directory:
            raise failure(errno.EISDIR, path)
        if flags & O_CREAT and self._is_foreign(inode, step.directory.inode):
            raise failure(errno.EACCES, path)
        if (flags & O_DIRECTORY or step.slash) and not inode.is_directory:
            raise failure(errno.ENOTDIR, path)
        if inode.is_symlink:
            raise failure(errno.ELOOP, path)
        mask = {O_RDONLY: R_OK, O_WRONLY: W_OK, O_RDWR: R_OK | W_OK}[flags & O_ACCMODE]
        mask |= W_OK if flags & O_TRUNC else 0
        if inode.is_directory and mask & W_OK:
            raise failure(errno.EISDIR, path)
        if inode.is_file and flags & O_TRUNC:
            self._check_writable(mount, path)
        self._check(inode, mask, path)
        if stat.S_ISFIFO(inode.mode) and flags & O_ACCMODE != O_RDWR:
            if flags & O_ACCMODE == O_WRONLY:
                raise failure(errno.ENXIO, path)
            if not flags & O_NONBLOCK:
                raise failure(errno.EAGAIN, path)
        known = stat.S_ISCHR(inode.mode) and inode.device in (NULL, ZERO, FULL, *RANDOM)
        if not known and (stat.S_ISCHR(inode.mode) or stat.S_ISBLK(inode.mode) or stat.S_ISSOCK(inode.mode)):
            raise failure(errno.ENXIO, path)

    def _is_foreign(self, inode: Inode, directory: Inode) -> bool:
        """Tell whether this is another's device, socket or link in a sticky directory that all may write to (bool).

        Nobody may open it with O_CREAT, not even root.  proc_sys_fs(5), "protected_regular" and "protected_fifos" = 0.
        """
        shared = directory.mode & stat.S_ISVTX and directory.mode & stat.S_IWOTH
        harmless = inode.is_file or stat.S_ISFIFO(inode.mode) or inode.uid in (self.uid, directory.uid)
        return bool(shared) and not harmless

    def wrote(self, mount: Mount, inode: Inode) -> None:
        """Note that the content of ``inode`` is about to change: its times, and what it may do as a program."""
        inode.mtime_ns = inode.ctime_ns = mount.overlay.clock()
        inode.xattrs.pop(CAPABILITY, None)
        if not self.is_privileged:
            inode.mode = self._unprivileged(inode)

    def open(self, path: str, flags: int = O_RDONLY, mode: int = 0o777) -> int:
        """Open ``path`` (str) and return a descriptor (int), the lowest free one from 3 on.  open(2).

        ``flags`` (int) are those of ``course.union.flags``; ``mode`` is what a new file gets, less the umask.  Opening
        a file of a layer below for writing copies it up, even if nothing is written.
        """
        _check_flags(flags, path)
        self._names(path)
        number = next((number for number in range(3, OPEN_MAX) if number not in self._files), None)
        if number is None:  # before anything is made or copied up
            raise failure(errno.EMFILE, path)
        self._files[number] = self.open_file(path, flags, mode)
        return number

    def _file(self, fd: int) -> OpenFile:
        if fd not in self._files:
            raise failure(errno.EBADF)
        return self._files[fd]

    def close(self, fd: int) -> None:
        """Give a descriptor (int) back.  close(2)."""
        self._file(fd)
        del self._files[fd]

    def read(self, fd: int, count: int) -> bytes:
        """Return at most ``count`` bytes from the offset on (bytes; empty at the end).  read(2)."""
        return self._file(fd).read(count)

    def write(self, fd: int, data: bytes) -> int:
        """Write ``data`` (bytes) at the offset, or at the end (O_APPEND); return how much (int).  write(2)."""
        return self._file(fd).write(data)

    def pread(self, fd: int, count: int, offset: int) -> bytes:
        """Return at most ``count`` bytes from ``offset`` on (bytes).  pread(2)."""
        if offset < 0:
            raise failure(errno.EINVAL)
        return self._file(fd).pread(count, offset)

    def pwrite(self, fd: int, data: bytes, offset: int) -> int:
        """Write ``data`` (bytes) at ``offset``; return how much (int).  pwrite(2)."""
        if offset < 0:
            raise failure(errno.EINVAL)
        return self._file(fd).pwrite(data, offset)

    def lseek(self, fd: int, offset: int, whence: int = SEEK_SET) -> int:
        """Move the offset and return it (int).  lseek(2)."""
        return self._file(fd).seek(offset, whence)

    def ftruncate(self, fd: int, length: int) -> None:
        """Cut an open file to ``length`` bytes (int), or lengthen it by a hole.  ftruncate(2)."""
        _check_size(length)
        self._file(fd).truncate(length)

    def content(self, path: str) -> FileData:
        """Return the content of the file ``path`` (str) as it is now (FileData), of which no byte is copied."""
        return self._found(path)[1].inode.data.copy()

    def truncate(self, path: str, length: int) -> None:
        """Cut a file to ``length`` bytes (int), or lengthen it by a hole.  truncate(2)."""
        _check_size(length, path)
        mount, dentry = self._found(path)
        if not dentry.inode.is_file:
            raise failure(errno.EISDIR if dentry.children is not None else errno.EINVAL, path)
        self._check(dentry.inode, W_OK, path)
        self._check_writable(mount, path)
        inode = mount.overlay.copy_up(dentry)
        before = inode.mtime_ns
        self.wrote(mount, inode)
        if length == inode.data.size and not inode.data.blocks:
            inode.mtime_ns = before  # there was nothing to cut
        inode.data.truncate(length)

    def fstat(self, fd: int) -> Stat:
        """Return what there is to know of an open file (Stat).  fstat(2)."""
        return self._file(fd).stat()

    def fchmod(self, fd: int, mode: int) -> None:
        """Set the permission bits of an open file (int).  fchmod(2)."""
        self._file(fd).chmod(mode)

    def fchown(self, fd: int, uid: int, gid: int) -> None:
        """Give an open file to a user and a group (int).  fchown(2)."""
        self._file(fd).chown(uid, gid)


def _check_flags(flags: int, path: str) -> None:
    """Raise OSError EINVAL for flags of open(2) that do not go together."""
    if flags & O_ACCMODE == O_ACCMODE or (flags & O_CREAT and flags & O_DIRECTORY):
        raise failure(errno.EINVAL, path)


def _check_size(length: int, path: str | None = None) -> None:
    if length < 0:
        raise failure(errno.EINVAL, path)
    if length > FILE_MAX:
        raise failure(errno.EFBIG, path)
