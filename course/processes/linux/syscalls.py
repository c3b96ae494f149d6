"""System calls that Python's ``os`` lacks, or lacks the flags of: thin wrappers by the names of the man pages.

Each raises OSError: the errno, the kernel's words, and as ``filename`` the call that failed with its arguments.  What
a call returns is said where it returns something; a new descriptor is closed on exec where a flag can ask for that.
The module can be imported anywhere; the C library is opened at the first call.  The new mount API is in ``mounting``.
"""

from __future__ import annotations

import ctypes
import errno
import os
import sys

PathLike = str | bytes | os.PathLike[str] | os.PathLike[bytes]

# linux/sched.h
CLONE_NEWNS = 0x00020000
CLONE_NEWCGROUP = 0x02000000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000

# linux/mount.h, sys/mount.h
MS_RDONLY = 1
MS_NOSUID = 2
MS_NODEV = 4
MS_NOEXEC = 8
MS_REMOUNT = 0x20
MS_NOATIME = 0x400
MS_BIND = 0x1000
MS_MOVE = 0x2000
MS_REC = 0x4000
MS_PRIVATE = 0x40000
MS_SLAVE = 0x80000
MS_SHARED = 0x100000
MS_RELATIME = 0x200000
MNT_DETACH = 2
UMOUNT_NOFOLLOW = 8

# fcntl.h
AT_FDCWD = -100
AT_EACCESS = 0x200
AT_SYMLINK_NOFOLLOW = 0x100
AT_EMPTY_PATH = 0x1000
AT_RECURSIVE = 0x8000

# linux/openat2.h
RESOLVE_NO_XDEV = 1
RESOLVE_NO_MAGICLINKS = 2
RESOLVE_NO_SYMLINKS = 4
RESOLVE_BENEATH = 8
RESOLVE_IN_ROOT = 16

# sys/stat.h
UTIME_OMIT = (1 << 30) - 2

# linux/fs.h
RENAME_NOREPLACE = 1
RENAME_EXCHANGE = 2
RENAME_WHITEOUT = 4

# linux/prctl.h
PR_SET_PDEATHSIG = 1
PR_GET_PDEATHSIG = 2
PR_SET_DUMPABLE = 4
PR_SET_KEEPCAPS = 8
PR_SET_NAME = 15
PR_CAPBSET_READ = 23
PR_CAPBSET_DROP = 24
PR_SET_CHILD_SUBREAPER = 36
PR_SET_NO_NEW_PRIVS = 38
PR_GET_NO_NEW_PRIVS = 39
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_RAISE = 2

# linux/seccomp.h, linux/close_range.h, linux/capability.h
SECCOMP_SET_MODE_FILTER = 1
CLOSE_RANGE_CLOEXEC = 4
_LINUX_CAPABILITY_VERSION_3 = 0x20080522

_NUMBERS = {  # of calls for which no C library, or no old one, has a function; these are the same on every machine
    "pidfd_send_signal": 424,
    "open_tree": 428,
    "move_mount": 429,
    "fsopen": 430,
    "fsconfig": 431,
    "fsmount": 432,
    "pidfd_open": 434,
    "close_range": 436,
    "openat2": 437,
    "mount_setattr": 442,
}
_NUMBERS_BY_MACHINE = {  # and these are not
    "pivot_root": {"x86_64": 155, "aarch64": 41},
    "seccomp": {"x86_64": 317, "aarch64": 277},
}


class Words(tuple[int, ...]):
    """Numbers that C has as an array of ``unsigned int``; a plain tuple is one of ``long``."""

    __slots__ = ()


def unshare(flags: int) -> None:
    """unshare(2): move this process into new namespaces (``flags``: CLONE_NEW…, int).

    With CLONE_NEWPID the next child is the first of the new one.  A process with threads may not enter a new user
    namespace (EINVAL).
    """
    call("unshare", flags)


def setns(fd: int, nstype: int = 0) -> None:
    """setns(2): move this process into the namespace that a descriptor (int) refers to.

    ``fd`` is an open file of /proc/PID/ns, and ``nstype`` then the CLONE_NEW… that it must be, or 0; or ``fd`` is a
    pidfd, and ``nstype`` says which of that process's namespaces to enter.
    """
    call("setns", fd, nstype)


def mount(source: PathLike, target: PathLike, filesystemtype: str, mountflags: int = 0, data: str = "") -> None:
    """mount(2): attach a file system, or change how one is attached.

    ``mountflags`` is made of MS_… (int), ``data`` holds the options (str), of which the kernel reads 4095 bytes.
    """
    call("mount", path(source), path(target), filesystemtype, mountflags, data)


def umount2(target: PathLike, flags: int = 0) -> None:
    """umount(2): detach a file system (``flags``: MNT_… and UMOUNT_…, int)."""
    call("umount2", path(target), flags)


def pivot_root(new_root: PathLike, put_old: PathLike) -> None:
    """pivot_root(2): make a mount the root of this mount namespace, and move the old root to ``put_old`` below it.

    ``pivot_root(".", ".")`` lays the old root over the new one, from where ``umount2(".", MNT_DETACH)`` removes it.
    """
    call("pivot_root", path(new_root), path(put_old))


def sethostname(name: str) -> None:
    """sethostname(2): set the host name (str, at most 64 bytes) of this UTS namespace."""
    call("sethostname", name, len(os.fsencode(name)))


def prctl(option: int, arg2: int | str = 0, arg3: int = 0, arg4: int = 0, arg5: int = 0) -> int:
    """prctl(2): ask or change something of this process (``option``: PR_…, int); returns what it asks for (int)."""
    return call("prctl", option, arg2, arg3, arg4, arg5)


def capget(pid: int = 0) -> tuple[int, int, int]:
    """capget(2): return the effective, permitted and inheritable capabilities of a process (masks, int; 0: this one).

    Bit *n* of a mask stands for the capability with number *n* (capabilities(7)).
    """
    data = (ctypes.c_uint * 6)()
    call("capget", Words((_LINUX_CAPABILITY_VERSION_3, pid)), data)
    effective, permitted, inheritable = (data[n] | data[n + 3] << 32 for n in range(3))
    return effective, permitted, inheritable


def capset(effective: int, permitted: int, inheritable: int) -> None:
    """capset(2): set the capabilities of this process (masks, int)."""
    masks = (effective, permitted, inheritable)
    data = Words((*(mask & 0xFFFFFFFF for mask in masks), *(mask >> 32 for mask in masks)))
    call("capset", Words((_LINUX_CAPABILITY_VERSION_3, 0)), data)


def seccomp(operation: int, flags: int, program: bytes) -> None:
    """seccomp(2): filter this process's system calls from now on (``operation``: SECCOMP_SET_MODE_FILTER, int).

    ``program`` is made of instructions of eight bytes each (struct sock_filter).
    """
    instructions = ctypes.create_string_buffer(program, len(program))
    call("seccomp", operation, flags, (len(program) // 8, ctypes.addressof(instructions)))  # struct sock_fprog


def openat2(dirfd: int, pathname: PathLike, flags: int, mode: int = 0, resolve: int = 0) -> int:
    """openat2(2): open a file, and say how its path may be followed; returns a descriptor (int).

    ``flags`` are os.O_…, ``mode`` is for a file that is made, ``resolve`` is made of RESOLVE_… (int each).
    """
    return call("openat2", dirfd, path(pathname), (flags, mode, resolve), 24)


def syncfs(fd: int) -> None:
    """syncfs(2): write to the disk all that is to be written of the file system that a descriptor (int) lies on."""
    call("syncfs", fd)


def close_range(first: int, last: int, flags: int = 0) -> None:
    """close_range(2): close all descriptors from ``first`` to ``last`` (int), or with CLOSE_RANGE_CLOEXEC on exec."""
    call("close_range", first, last, flags)


def pidfd_open(pid: int, flags: int = 0) -> int:
    """pidfd_open(2): return a descriptor (int) of a process; it never comes to mean another one, as a number can.

    ``os.pidfd_open`` is missing from a Python that was built where the kernel's headers were old.
    """
    return call("pidfd_open", pid, flags)


def pidfd_send_signal(pidfd: int, sig: int, flags: int = 0) -> None:
    """pidfd_send_signal(2): send a signal (int) to the process of a descriptor (int)."""
    call("pidfd_send_signal", pidfd, sig, None, flags)


def renameat2(olddirfd: int, oldpath: PathLike, newdirfd: int, newpath: PathLike, flags: int) -> None:
    """rename(2) with ``flags`` (RENAME_…, int); the descriptors (int) are of directories, or AT_FDCWD."""
    call("renameat2", olddirfd, path(oldpath), newdirfd, path(newpath), flags)


def faccessat(dirfd: int, pathname: PathLike, mode: int, flags: int = 0) -> None:
    """access(2): raise OSError unless the file may be used so (``mode``: os.R_OK and others, int).

    It asks for the real user, or with AT_EACCESS in ``flags`` for the effective one.
    """
    call("faccessat", dirfd, path(pathname), mode, flags)


def utimensat(dirfd: int, pathname: PathLike, atime_ns: int | None, mtime_ns: int | None, flags: int = 0) -> None:
    """utimensat(2): set the times of a file (int, nanoseconds since 1970); None leaves one as it is, as ``os`` cannot.

    Without any both become the present time.
    """
    times = None
    if (atime_ns, mtime_ns) != (None, None):
        pairs = [(0, UTIME_OMIT) if each is None else divmod(each, 10**9) for each in (atime_ns, mtime_ns)]
        times = (*pairs[0], *pairs[1])
    call("utimensat", dirfd, path(pathname), times, flags)


def call(name: str, *arguments: int | str | tuple[int, ...] | ctypes.Array[ctypes.c_uint] | None) -> int:
    """Make the system call ``name`` (str), by the C library's function or by its number; return what it returns (int).

    A tuple is passed as an array, None as a null pointer.  Raises OSError, whose ``filename`` is the call as C has it;
    ENOSYS also where neither is known.  Raises ValueError for a NUL byte, as ``os`` does.
    """
    passed = [ctypes.c_long(each) if type(each) is int else _passed(each) for each in arguments]
    number = _NUMBERS.get(name)
    if number is None and name in _NUMBERS_BY_MACHINE:
        number = _NUMBERS_BY_MACHINE[name].get(_machine(), -1)
    try:
        function = getattr(_libc(), name if number is None else "syscall")
    except (AttributeError, TypeError):  # a C library without it; none at all, as on Windows
        failure = errno.ENOSYS
    else:
        result: int = function(*passed) if number is None else function(ctypes.c_long(number), *passed)
        if result >= 0:
            return result
        failure = ctypes.get_errno()
    shown = ", ".join("…" if isinstance(each, ctypes.Array) else repr(each) for each in arguments)
    raise OSError(failure, os.strerror(failure), f"{name}({shown})")


def path(pathname: PathLike) -> str:
    """Return a path as a str, which bytes that are not UTF-8 are surrogates in."""
    return pathname if type(pathname) is str else os.fsdecode(pathname)


_library: ctypes.CDLL | None = None


def _libc() -> ctypes.CDLL:
    """Return the C library."""
    global _library
    if _library is None:
        _library = ctypes.CDLL(None, use_errno=True)
    return _library


def _machine() -> str:
    """Return the machine (str) whose numbers this process uses; a 32-bit process has others than its kernel's."""
    return os.uname().machine if sys.maxsize > 1 << 32 else ""


def _passed(argument: int | str | tuple[int, ...] | ctypes.Array[ctypes.c_uint] | None) -> object:
    """Return the argument as C has it: numbers are long, which holds for int too."""
    if isinstance(argument, int):
        return ctypes.c_long(argument)
    if isinstance(argument, str):
        if "\0" in argument:
            raise ValueError("embedded null byte")
        return os.fsencode(argument)
    if isinstance(argument, tuple):
        kind = ctypes.c_uint if isinstance(argument, Words) else ctypes.c_long
        return (kind * len(argument))(*argument)
    return argument
