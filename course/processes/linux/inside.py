"""Looking inside: a fork of the helper works on the files of a container, or of a volume, for the engine.

It mounts them in a mount namespace of its own, as docker does for ``docker cp``: the union, volumes and bind mounts,
and nothing that only the container's processes see.  Then it makes them its root (chroot(2)), before it looks up the
first path in them.  So whatever the container does with its directories and links meanwhile, no path leads out
(CVE-2018-15664); and nothing is imported any more, so no code of the container's is run (CVE-2019-14271).
"""

from __future__ import annotations

import errno
import os
import stat
import sys

from course.processes.linux import mounting, preparing, steps, syscalls, wire

TYPE_CHECKING = False
if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    from course.processes.linux.wire import Spec

    Plain = object  # what marshal takes

OF_DOCKER = ("hostname", "hosts", "resolv.conf")  # in /etc: see preparing.write_files
READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC if sys.platform == "linux" else 0
MAKE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC if sys.platform == "linux" else 0


def show(spec: Spec, engine: socket.socket) -> None:
    """Mount what ``spec`` (dict) tells of, and do with it what the ``engine`` (socket) asks for, until it is gone.

    ``spec`` has the ``folder`` to show (str, below the working directory), or of a container what a start takes, and
    ``pid``: its first process (int), or 0 if it does not run.  What was mounted is gone before ``end`` is answered.
    """
    try:
        syscalls.unshare(syscalls.CLONE_NEWNS)
        outside, here = os.open("/", os.O_PATH | os.O_CLOEXEC), os.open(".", os.O_PATH | os.O_CLOEXEC)
        root = _folder(spec["folder"]) if "folder" in spec else _container(spec)
        os.fchdir(root)
        os.chroot(".")
    except OSError as error:
        return wire.send(engine, ("error", error.errno, error.strerror, str(error.filename)))
    sys.path.clear()  # they would mean the container's own files now
    sys.meta_path.clear()
    wire.send(engine, ("ready",))
    while (message := wire.receive(engine)[0]) and message[0] != "end":
        _answer(engine, *message)
    os.close(root)
    os.fchdir(outside)
    os.chroot(".")
    os.fchdir(here)
    if "folder" not in spec:
        syscalls.umount2(f"overlay2/{spec['mount']}/merged", syscalls.MNT_DETACH)
    if message:
        wire.send(engine, ("done",))
    return None


def _folder(path: str) -> int:
    return os.open(path, os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)


def _container(spec: Spec) -> int:
    """Mount a container's files, and return a descriptor of their root (int)."""
    own, mounts = f"overlay2/{spec['mount']}", list(spec["mounts"])
    if spec["pid"]:
        root = _union_of(spec["pid"])
        mounting.move_mount(root, "", syscalls.AT_FDCWD, f"{own}/merged", mounting.MOVE_MOUNT_F_EMPTY_PATH)
        for name in OF_DOCKER:
            for folder in (f"containers/{spec['id']}", own):
                if os.path.isfile(f"{folder}/{name}"):
                    mounts.append((f"/etc/{name}", f"{folder}/{name}", False))
                    break
    else:
        preparing.prepare(spec)
        root = steps.mount_overlay(spec["lower"], f"{own}/diff", f"{own}/work", f"{own}/merged")
    for path, source, read_only in sorted(mounts, key=lambda mount: mount[0].strip("/").count("/")):
        steps.bind(source, root, path, read_only)
    return root


def _union_of(pid: int) -> int:
    """Return a copy of the mount that is a running container's root, without what is mounted in it (int)."""
    own, there = (os.open(f"/proc/{each}/ns/mnt", os.O_RDONLY | os.O_CLOEXEC) for each in ("self", pid))
    here = os.open(".", os.O_PATH | os.O_CLOEXEC)
    syscalls.setns(there, syscalls.CLONE_NEWNS)
    try:
        return mounting.open_tree(syscalls.AT_FDCWD, "/")
    finally:
        syscalls.setns(own, syscalls.CLONE_NEWNS)
        os.fchdir(here)
        for descriptor in (own, there, here):
            os.close(descriptor)


def _answer(engine: socket.socket, name: str, *arguments: object) -> None:
    """Do one call, and answer with what it returns: a descriptor is passed."""
    passed: tuple[int, ...] = ()
    answer: tuple[Plain, ...]
    try:
        result = CALLS[name](*arguments)
        passed = (result,) if name in OPENING and isinstance(result, int) else ()
        answer = ("done", None if passed else result)
    except OSError as error:
        answer = ("error", error.errno, error.strerror)
    except ValueError:  # a NUL byte
        answer = ("error", errno.EINVAL, os.strerror(errno.EINVAL))
    wire.send(engine, answer, passed)
    for descriptor in passed:
        os.close(descriptor)


def _stat(path: str) -> tuple[Plain, ...]:
    return _row(os.stat(path))


def _lstat(path: str) -> tuple[Plain, ...]:
    return _row(os.lstat(path))


def _row(found: os.stat_result) -> tuple[Plain, ...]:
    """Return what the engine's own Stat has (tuple)."""
    return (
        *(found.st_mode, found.st_ino, found.st_dev, found.st_nlink, found.st_uid, found.st_gid, found.st_size),
        *(found.st_blocks, (os.major(found.st_rdev), os.minor(found.st_rdev))),
        *(found.st_atime_ns, found.st_mtime_ns, found.st_ctime_ns),
    )


def _read(path: str) -> int:
    descriptor = os.open(path, READ)
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return descriptor
    os.close(descriptor)
    raise OSError(errno.ESTALE, os.strerror(errno.ESTALE))  # it was a file when the engine looked


def _make(path: str) -> int:
    return os.open(path, MAKE, 0o666)


def _link(source: str, path: str) -> None:
    os.link(source, path, follow_symlinks=False)


def _mknod(path: str, mode: int, device: tuple[int, int]) -> None:
    os.mknod(path, mode, os.makedev(*device))


def _utime(path: str, times: tuple[int, int]) -> None:
    os.utime(path, ns=times, follow_symlinks=False)


def _listxattr(path: str) -> list[str]:
    try:
        return os.listxattr(path, follow_symlinks=False)
    except OSError as error:
        if error.errno != errno.EOPNOTSUPP:
            raise
        return []


def _getxattr(path: str, name: str) -> bytes:
    return os.getxattr(path, name, follow_symlinks=False)


def _setxattr(path: str, name: str, value: bytes) -> None:
    os.setxattr(path, name, value, follow_symlinks=False)


def _mounted_at(path: str) -> tuple[bool, bool]:
    """Tell whether a path leads to the union itself, and whether it can only be read (pair of bool)."""
    return os.stat(path).st_dev == os.stat("/").st_dev, bool(os.statvfs(path).f_flag & os.ST_RDONLY)


CALLS: dict[str, Callable[..., Plain]] = (
    {
        "stat": _stat,
        "lstat": _lstat,
        "listdir": os.listdir,
        "readlink": os.readlink,
        "read": _read,
        "make": _make,
        "mkdir": os.mkdir,
        "rmdir": os.rmdir,
        "unlink": os.unlink,
        "link": _link,
        "symlink": os.symlink,
        "mknod": _mknod,
        "lchown": os.lchown,
        "chmod": os.chmod,
        "utime": _utime,
        "listxattr": _listxattr,
        "getxattr": _getxattr,
        "setxattr": _setxattr,
        "mounted_at": _mounted_at,
    }
    if sys.platform == "linux"
    else {}
)
OPENING = ("read", "make")
