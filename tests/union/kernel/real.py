"""The real file system by the names of UnionFilesystem."""

import os
from types import SimpleNamespace

from course.processes.linux import syscalls
from course.union import flags
from kernel import by_hand

FLAGS = ("O_CREAT", "O_EXCL", "O_TRUNC", "O_APPEND", "O_NONBLOCK", "O_DIRECTORY", "O_NOFOLLOW")


class RealFilesystem:
    """The calls of UnionFilesystem, made to the kernel; the numbers they are given are those of course.union.flags."""

    mknod = staticmethod(by_hand.mknod)
    mount_volume = staticmethod(by_hand.mount_volume)
    bind = staticmethod(by_hand.bind)
    remount = staticmethod(by_hand.remount)

    def __init__(self):
        self.opened = set()

    def __getattr__(self, name):
        return getattr(os, name)  # most calls have the same name and arguments there

    def open(self, path, how, mode=0o777):
        native = how & flags.O_ACCMODE
        for name in FLAGS:
            native |= getattr(os, name) if how & getattr(flags, name) else 0
        descriptor = os.open(path, native, mode)
        self.opened.add(descriptor)
        return descriptor

    def close_all(self):
        for descriptor in self.opened:
            try:
                os.close(descriptor)
            except OSError:
                continue  # one of the calls has closed it
        self.opened.clear()

    def stat(self, path):
        return _shown(os.stat(path))

    def lstat(self, path):
        return _shown(os.lstat(path))

    def fstat(self, descriptor):
        return _shown(os.fstat(descriptor))

    def rename(self, old, new, how=0):
        if how:
            syscalls.renameat2(syscalls.AT_FDCWD, old, syscalls.AT_FDCWD, new, how)
        else:
            os.rename(old, new)

    def link(self, old, new):
        os.link(old, new, follow_symlinks=False)  # as link(2) does it

    def utime(self, path, atime_ns=None, mtime_ns=None, *, follow_symlinks=True):
        how = 0 if follow_symlinks else syscalls.AT_SYMLINK_NOFOLLOW
        syscalls.utimensat(syscalls.AT_FDCWD, path, atime_ns, mtime_ns, how)

    def access(self, path, mode):
        syscalls.faccessat(syscalls.AT_FDCWD, path, mode, syscalls.AT_EACCESS)


def _shown(found):
    names = ("st_mode", "st_nlink", "st_uid", "st_gid", "st_size", "st_mtime_ns", "st_ino", "st_dev")
    device = (os.major(found.st_rdev), os.minor(found.st_rdev))
    return SimpleNamespace(st_rdev=device, **{name: getattr(found, name) for name in names})
