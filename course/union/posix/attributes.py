"""The calls that read and change what an inode says of its file: owner, permissions, times, extended attributes."""

import errno
import stat
from operator import index
from typing import NamedTuple

from course.union.errnos import ENODATA, ENOTSUP, failure
from course.union.flags import (
    F_OK,
    R_OK,
    W_OK,
    X_OK,
    XATTR_CREATE,
    XATTR_NAME_MAX,
    XATTR_REPLACE,
    XATTR_SIZE_MAX,
)
from course.union.inode import Inode
from course.union.mounts import Mount
from course.union.overlay import Dentry
from course.union.posix.caller import Caller

CAPABILITY = "security.capability"


class Stat(NamedTuple):
    """What stat(2) tells of a file, by its names; ``st_rdev`` is a pair (major, minor), times are nanoseconds."""

    st_mode: int
    st_ino: int
    st_dev: int
    st_nlink: int
    st_uid: int
    st_gid: int
    st_size: int
    st_blocks: int
    st_rdev: tuple[int, int]
    st_atime_ns: int
    st_mtime_ns: int
    st_ctime_ns: int


class Attributes(Caller):
    """What a caller learns of a file and changes about it (inode(7), xattr(7)).  Every call raises OSError."""

    def stat(self, path: str) -> Stat:
        """Return what there is to know of what ``path`` (str) leads to (Stat).  stat(2)."""
        return self._stat(*self._found(path))

    def lstat(self, path: str) -> Stat:
        """Return the same of ``path`` (str) itself, be it a symbolic link (Stat).  lstat(2)."""
        return self._stat(*self._found(path, follow=False))

    def access(self, path: str, mode: int = F_OK) -> None:
        """Raise OSError (EACCES, EROFS) unless the caller may do what ``mode`` (R_OK, W_OK, X_OK) says.  access(2)."""
        if mode & ~(R_OK | W_OK | X_OK):
            raise failure(errno.EINVAL, path)
        mount, dentry = self._found(path)
        inode = dentry.inode
        self._check(inode, mode, path)
        if mode & W_OK and (inode.is_file or inode.is_directory or inode.is_symlink):  # a device is elsewhere
            self._check_writable(mount, path)

    def chmod(self, path: str, mode: int) -> None:
        """Set the permission bits ``mode`` (int).  chmod(2)."""
        self._chmod(*self._found(path), mode, path)

    def chown(self, path: str, uid: int, gid: int) -> None:
        """Give a file to a user and a group (int); -1 leaves one as it is.  chown(2)."""
        self._chown(*self._found(path), uid, gid, path)

    def lchown(self, path: str, uid: int, gid: int) -> None:
        """Do the same to ``path`` itself, be it a symbolic link.  lchown(2)."""
        self._chown(*self._found(path, follow=False), uid, gid, path)

    def utime(
        self, path: str, atime_ns: int | None = None, mtime_ns: int | None = None, *, follow_symlinks: bool = True
    ) -> None:
        """Set the times of last access and modification (int, nanoseconds); None leaves one as it is.

        Without any both become the present time.  utimensat(2).
        """
        self._utime(*self._found(path, follow_symlinks), atime_ns, mtime_ns, path)

    def getxattr(self, path: str, name: str, *, follow_symlinks: bool = True) -> bytes:
        """Return the value of an extended attribute (bytes).  getxattr(2)."""
        _check_length(name, path)
        inode = self._found(path, follow_symlinks)[1].inode
        if self._forbids(inode, name, path, R_OK):
            raise failure(ENODATA, path)
        return _value(inode, name, path)

    def setxattr(self, path: str, name: str, value: bytes, flags: int = 0, *, follow_symlinks: bool = True) -> None:
        """Set an extended attribute to ``value`` (bytes).  setxattr(2).

        ``flags`` (int): XATTR_CREATE, XATTR_REPLACE.  Where these fail, the file was copied up already.
        """
        if flags & ~(XATTR_CREATE | XATTR_REPLACE):
            raise failure(errno.EINVAL, path)
        _check_length(name, path)
        value = bytes(memoryview(value))
        if len(value) > XATTR_SIZE_MAX:
            raise failure(errno.E2BIG, path)
        mount, dentry = self._found(path, follow_symlinks)
        self._check_writable(mount, path)
        self._check_may_set(dentry.inode, name, path)
        inode = mount.overlay.copy_up(dentry)
        _check_namespace(name, path)
        if flags & XATTR_CREATE and name in inode.xattrs:
            raise failure(errno.EEXIST, path)
        if flags & XATTR_REPLACE and name not in inode.xattrs:
            raise failure(ENODATA, path)
        inode.xattrs[name] = value
        inode.ctime_ns = mount.overlay.clock()

    def listxattr(self, path: str, *, follow_symlinks: bool = True) -> list[str]:
        """Return the names of the extended attributes (list of str), sorted; ``trusted.`` ones only for root.

        listxattr(2).
        """
        inode = self._found(path, follow_symlinks)[1].inode
        return sorted(name for name in inode.xattrs if self.is_privileged or not name.startswith("trusted."))

    def removexattr(self, path: str, name: str, *, follow_symlinks: bool = True) -> None:
        """Remove an extended attribute.  removexattr(2).  ENODATA if there is none: then nothing is copied up."""
        _check_length(name, path)
        mount, dentry = self._found(path, follow_symlinks)
        self._check_writable(mount, path)
        self._check_may_set(dentry.inode, name, path)
        _value(dentry.inode, name, path)
        inode = mount.overlay.copy_up(dentry)
        del inode.xattrs[name]
        inode.ctime_ns = mount.overlay.clock()

    def _stat(self, mount: Mount, dentry: Dentry) -> Stat:
        inode = dentry.inode
        kind = stat.S_IFMT(inode.mode)
        return Stat(
            inode.mode,
            inode.ino,
            mount.device,
            mount.overlay.link_count(dentry),
            inode.uid,
            inode.gid,
            inode.size,
            inode.data.blocks if kind == stat.S_IFREG else 8 if kind == stat.S_IFDIR else 0,
            inode.device,
            inode.atime_ns,
            inode.mtime_ns,
            inode.ctime_ns,
        )

    def _chmod(self, mount: Mount, dentry: Dentry, mode: int, path: str) -> None:
        mode = index(mode) & 0o7777
        self._check_writable(mount, path)
        self._check_owner(dentry.inode, path)
        inode = mount.overlay.copy_up(dentry)
        inode.mode = stat.S_IFMT(inode.mode) | self._without_group_id(mode, inode.gid)
        inode.ctime_ns = mount.overlay.clock()

    def _chown(self, mount: Mount, dentry: Dentry, uid: int, gid: int, path: str) -> None:
        """Change owner and group; a program that ran as its owner does so no more, and loses its capabilities."""
        uid, gid = _checked_id(uid), _checked_id(gid)
        self._check_writable(mount, path)
        inode = dentry.inode
        owner = inode.uid == self.uid
        keeps = uid == -1 or (owner and uid == inode.uid)
        joins = gid == -1 or (owner and (gid == inode.gid or self._in_group(gid)))
        if not self.is_privileged and not (keeps and joins):
            raise failure(errno.EPERM, path)
        mode = inode.mode if inode.is_directory else self._unprivileged(inode)
        if mode != inode.mode:
            self._check_owner(inode, path)
        inode = mount.overlay.copy_up(dentry)
        inode.mode = mode
        if not inode.is_directory:
            inode.xattrs.pop(CAPABILITY, None)
        inode.uid = inode.uid if uid == -1 else uid
        inode.gid = inode.gid if gid == -1 else gid
        inode.ctime_ns = mount.overlay.clock()

    def _unprivileged(self, inode: Inode) -> int:
        """Return the mode that a file has whose owner or content changed: nobody becomes another user by it (int)."""
        mode = inode.mode & ~stat.S_ISUID
        return mode & ~stat.S_ISGID if mode & stat.S_IXGRP else self._without_group_id(mode, inode.gid)

    def _utime(self, mount: Mount, dentry: Dentry, atime: int | None, mtime: int | None, path: str) -> None:
        inode, now = dentry.inode, mount.overlay.clock()
        atime, mtime = (None if time is None else index(time) for time in (atime, mtime))
        self._check_writable(mount, path)
        if atime is None and mtime is None:
            if not self.is_privileged and inode.uid != self.uid:
                self._check(inode, W_OK, path)  # whoever may write may make it look as if just written
            atime = mtime = now
        else:
            self._check_owner(inode, path)
        inode = mount.overlay.copy_up(dentry)
        inode.atime_ns = inode.atime_ns if atime is None else atime
        inode.mtime_ns = inode.mtime_ns if mtime is None else mtime
        inode.ctime_ns = now

    def _check_may_set(self, inode: Inode, name: str, path: str) -> None:
        if name.startswith("user.") and inode.is_directory and inode.mode & stat.S_ISVTX:
            self._check_owner(inode, path)
        if self._forbids(inode, name, path, W_OK) or (name.startswith("security.") and not self.is_privileged):
            raise failure(errno.EPERM, path)

    def _forbids(self, inode: Inode, name: str, path: str, mask: int) -> bool:
        """Tell whether an attribute is out of reach (bool): of its kind for this file, or for this user.

        Raises OSError EACCES where the file's permission bits speak against it.  xattr(7), "Extended attribute
        namespaces".
        """
        namespace = name.partition(".")[0]
        if namespace == "trusted":
            return not self.is_privileged
        if namespace == "user" and not (inode.is_file or inode.is_directory):
            return True
        if namespace not in ("security", "system"):
            self._check(inode, mask, path)
        return False


def _checked_id(number: int) -> int:
    """Return a user's or group's number as Linux takes it (int): of 32 bits, -1 for none.  Raises OverflowError."""
    if not -(1 << 31) <= index(number) < 1 << 32:
        raise OverflowError("a user's or group's number has 32 bits")
    return -1 if number in (-1, (1 << 32) - 1) else number % (1 << 32)


def _check_length(name: str, path: str) -> None:
    if "\0" in name:
        raise ValueError("embedded null byte")
    if not 0 < len(name.encode("utf-8", "surrogateescape")) <= XATTR_NAME_MAX:
        raise failure(errno.ERANGE, path)


def _check_namespace(name: str, path: str) -> None:
    namespace, _, rest = name.partition(".")
    if namespace not in ("user", "trusted", "security"):
        raise failure(ENOTSUP, path)
    if not rest:
        raise failure(errno.EINVAL, path)


def _value(inode: Inode, name: str, path: str) -> bytes:
    _check_namespace(name, path)
    if name not in inode.xattrs:
        raise failure(ENODATA, path)
    return inode.xattrs[name]
