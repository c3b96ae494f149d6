"""System calls that Python's ``os`` lacks, or lacks the flags of: thin wrappers by the names of the man pages.

Each returns nothing, and raises OSError: the errno, the kernel's words, and as ``filename`` the call that failed with
its arguments.  The module can be imported anywhere; the C library is opened at the first call.
"""

import ctypes
import errno
import os
from functools import cache

PathLike = str | bytes | os.PathLike[str] | os.PathLike[bytes]

# linux/sched.h
CLONE_NEWNS = 0x00020000
CLONE_NEWUSER = 0x10000000

# linux/mount.h, sys/mount.h
MS_REC = 0x4000
MS_PRIVATE = 0x40000
MNT_DETACH = 2

# fcntl.h
AT_FDCWD = -100
AT_EACCESS = 0x200
AT_SYMLINK_NOFOLLOW = 0x100

# sys/stat.h
UTIME_OMIT = (1 << 30) - 2

# linux/fs.h
RENAME_NOREPLACE = 1
RENAME_EXCHANGE = 2
RENAME_WHITEOUT = 4


def unshare(flags: int) -> None:
    """unshare(2): move this process into new namespaces (``flags``: CLONE_NEW…, int).

    A process with threads may not enter a new user namespace (EINVAL).
    """
    _call("unshare", flags)


def mount(source: PathLike, target: PathLike, filesystemtype: str, mountflags: int = 0, data: str = "") -> None:
    """mount(2): attach a file system, or change how one is attached.

    ``mountflags`` is made of MS_… (int), ``data`` holds the options (str), of which the kernel reads 4095 bytes.
    """
    _call("mount", _path(source), _path(target), filesystemtype, mountflags, data)


def umount2(target: PathLike, flags: int = 0) -> None:
    """umount(2): detach a file system (``flags``: MNT_…, int)."""
    _call("umount2", _path(target), flags)


def renameat2(olddirfd: int, oldpath: PathLike, newdirfd: int, newpath: PathLike, flags: int) -> None:
    """rename(2) with ``flags`` (RENAME_…, int); the descriptors (int) are of directories, or AT_FDCWD."""
    _call("renameat2", olddirfd, _path(oldpath), newdirfd, _path(newpath), flags)


def faccessat(dirfd: int, pathname: PathLike, mode: int, flags: int = 0) -> None:
    """access(2): raise OSError unless the file may be used so (``mode``: os.R_OK and others, int).

    It asks for the real user, or with AT_EACCESS in ``flags`` for the effective one.
    """
    _call("faccessat", dirfd, _path(pathname), mode, flags)


def utimensat(dirfd: int, pathname: PathLike, atime_ns: int | None, mtime_ns: int | None, flags: int = 0) -> None:
    """utimensat(2): set the times of a file (int, nanoseconds since 1970); None leaves one as it is, as ``os`` cannot.

    Without any both become the present time.
    """
    times = None
    if (atime_ns, mtime_ns) != (None, None):
        pairs = [(0, UTIME_OMIT) if each is None else divmod(each, 10**9) for each in (atime_ns, mtime_ns)]
        times = (*pairs[0], *pairs[1])
    _call("utimensat", dirfd, _path(pathname), times, flags)


@cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _path(path: PathLike) -> str:
    return os.fsdecode(path)


def _call(name: str, *arguments: int | str | tuple[int, ...] | None) -> None:
    """Call the function ``name`` of the C library; a tuple is passed as an array, None as a null pointer.

    Raises OSError; ValueError for a NUL byte, as ``os`` does.
    """
    if any(isinstance(each, str) and "\0" in each for each in arguments):
        raise ValueError("embedded null byte")
    try:
        function = getattr(_libc(), name)
    except (AttributeError, TypeError):  # a C library without it; none at all, as on Windows
        number = errno.ENOSYS
    else:
        if function(*map(_passed, arguments)) >= 0:
            return
        number = ctypes.get_errno()
    raise OSError(number, os.strerror(number), f"{name}({', '.join(map(repr, arguments))})")


def _passed(argument: int | str | tuple[int, ...] | None) -> object:
    """Return the argument as C has it: numbers are long, which holds for int too."""
    if isinstance(argument, int):
        return ctypes.c_long(argument)
    if isinstance(argument, tuple):
        return (ctypes.c_long * len(argument))(*argument)
    return argument if argument is None else os.fsencode(argument)
