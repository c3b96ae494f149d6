"""The new mount API (Linux 5.2): a file system is configured step by step, made, and only then attached.

    fs = fsopen("overlay")
    fsconfig_set_string(fs, "lowerdir+", "layer")  # up to 500 times: no list of options that could be cut
    fsconfig_create(fs)
    move_mount(fsmount(fs), "", AT_FDCWD, "merged")

Thin wrappers as in ``syscalls``; each that returns something returns a descriptor (int), to be closed with os.close.
A descriptor of fsopen, when read, gives the kernel's own words on what it did not like (fsopen(2)).
"""

from __future__ import annotations

from course.processes.linux.syscalls import PathLike, call, path

# linux/mount.h
FSOPEN_CLOEXEC = 1
FSMOUNT_CLOEXEC = 1
FSCONFIG_SET_FLAG = 0
FSCONFIG_SET_STRING = 1
FSCONFIG_SET_FD = 5
FSCONFIG_CMD_CREATE = 6
OPEN_TREE_CLONE = 1
OPEN_TREE_CLOEXEC = 0o2000000  # O_CLOEXEC
MOVE_MOUNT_F_EMPTY_PATH = 4
MOVE_MOUNT_T_EMPTY_PATH = 0x40
MOUNT_ATTR_RDONLY = 1
MOUNT_ATTR_NOSUID = 2
MOUNT_ATTR_NODEV = 4
MOUNT_ATTR_NOEXEC = 8
MOUNT_ATTR_NOATIME = 0x10


def fsopen(fsname: str, flags: int = FSOPEN_CLOEXEC) -> int:
    """fsopen(2): begin to configure a file system of a type (``fsname``, str); returns its descriptor."""
    return call("fsopen", fsname, flags)


def fsconfig_set_flag(fd: int, key: str) -> None:
    """fsconfig(2), FSCONFIG_SET_FLAG: an option without a value (``key``, str), such as ``userxattr``."""
    call("fsconfig", fd, FSCONFIG_SET_FLAG, key, None, 0)


def fsconfig_set_string(fd: int, key: str, value: PathLike) -> None:
    """fsconfig(2), FSCONFIG_SET_STRING: an option (``key``, str) with its ``value``, of at most 255 bytes.

    Linux 6.8 and later take ``lowerdir+`` once for each layer of an overlay, the highest first.
    """
    call("fsconfig", fd, FSCONFIG_SET_STRING, key, path(value), 0)


def fsconfig_set_fd(fd: int, key: str, aux: int) -> None:
    """fsconfig(2), FSCONFIG_SET_FD: an option (``key``, str) whose value is a descriptor (``aux``, int).

    Linux 6.13 and later take the directories of an overlay so, whatever the length of their paths.
    """
    call("fsconfig", fd, FSCONFIG_SET_FD, key, None, aux)


def fsconfig_create(fd: int) -> None:
    """fsconfig(2), FSCONFIG_CMD_CREATE: make the file system that was configured."""
    call("fsconfig", fd, FSCONFIG_CMD_CREATE, None, None, 0)


def fsmount(fd: int, flags: int = FSMOUNT_CLOEXEC, attr_flags: int = 0) -> int:
    """fsmount(2): return a mount of the file system that was made, attached nowhere (``attr_flags``: MOUNT_ATTR_…)."""
    return call("fsmount", fd, flags, attr_flags)


def move_mount(
    from_dirfd: int,
    from_pathname: PathLike,
    to_dirfd: int,
    to_pathname: PathLike,
    flags: int = MOVE_MOUNT_F_EMPTY_PATH,
) -> None:
    """move_mount(2): attach a mount of fsmount or open_tree to a directory, or move one that is attached.

    As ``flags`` are by default, an empty ``from_pathname`` means the descriptor's own mount.
    """
    call("move_mount", from_dirfd, path(from_pathname), to_dirfd, path(to_pathname), flags)


def open_tree(dirfd: int, filename: PathLike, flags: int = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC) -> int:
    """open_tree(2): return a copy of a mount (with AT_RECURSIVE, and all below it), or without OPEN_TREE_CLONE itself.

    A copy attached elsewhere by move_mount is what ``mount --bind`` makes.
    """
    return call("open_tree", dirfd, path(filename), flags)


def mount_setattr(
    dirfd: int, pathname: PathLike, flags: int, attr_set: int = 0, attr_clr: int = 0, propagation: int = 0
) -> None:
    """mount_setattr(2): set and clear attributes of a mount (MOUNT_ATTR_…, int), of all below it with AT_RECURSIVE.

    ``propagation`` is MS_PRIVATE or another of its kind (int), or 0: as it is.
    """
    call("mount_setattr", dirfd, path(pathname), flags, (attr_set, attr_clr, propagation, 0), 32)
