"""The user namespace that all containers of an engine live in: who is root there is nobody out here.

An ordinary user becomes root of it with the only id that it may map, its own.  Root gives it ids that nobody has, so a
container's root is not the host's.  Rule: user_namespaces(7).
"""

from __future__ import annotations

import errno
import os

from course.processes.linux import syscalls

BASE, COUNT = 100_000, 65_536  # the host's ids that root gives away: the first, and how many (as in subuid(5))


def is_root() -> bool:
    """Return whether this process may map ids that are not its own (bool)."""
    return os.geteuid() == 0


def owner() -> tuple[int, int]:
    """Return who a container's root is out here: user and group (int each)."""
    return (BASE, BASE) if is_root() else (os.geteuid(), os.getegid())


def enter() -> int:
    """Move this process into a new user namespace as its root; return how many ids there are (int: 1 or 65,536).

    Raises OSError: the kernel refuses, as ``explaining`` explains.
    """
    if not is_root():
        uid, gid = os.geteuid(), os.getegid()
        syscalls.unshare(syscalls.CLONE_NEWUSER)
        for name, content in (("setgroups", "deny"), ("uid_map", f"0 {uid} 1"), ("gid_map", f"0 {gid} 1")):
            _write(f"/proc/self/{name}", content)
        return 1
    told_read, told_write = os.pipe()
    me, child = os.getpid(), os.fork()
    if child == 0:  # which stays outside, and so may map what is not its own
        os.close(told_write)
        if not os.read(told_read, 1):  # the other one was killed, as a seccomp filter can
            os._exit(0)
        number = 0
        try:
            for name in ("uid_map", "gid_map"):
                _write(f"/proc/{me}/{name}", f"0 {BASE} {COUNT}")
        except OSError as error:
            number = error.errno or errno.EIO
        os._exit(number)
    try:
        syscalls.unshare(syscalls.CLONE_NEWUSER)
    finally:
        os.write(told_write, b"x")
        os.close(told_read)
        os.close(told_write)
        number = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if number:
        raise OSError(number, os.strerror(number), "write of uid_map")
    become_root()
    return COUNT


def become_root() -> None:
    """Be root in the namespace that was entered, in no other group."""
    os.setgroups([])
    os.setresgid(0, 0, 0)
    os.setresuid(0, 0, 0)


def join(pid: int) -> int:
    """Enter the user namespace of the process ``pid`` (int) as its root; return how many ids it has (int)."""
    many = is_root()
    namespace = os.open(f"/proc/{pid}/ns/user", os.O_RDONLY | os.O_CLOEXEC)
    try:
        syscalls.setns(namespace, syscalls.CLONE_NEWUSER)
    finally:
        os.close(namespace)
    if many:
        become_root()
    return COUNT if many else 1


def _write(path: str, content: str) -> None:
    descriptor = os.open(path, os.O_WRONLY)
    try:
        os.write(descriptor, content.encode())
    except OSError as error:
        raise OSError(error.errno, error.strerror, f"write of {path.rpartition('/')[2]}") from error
    finally:
        os.close(descriptor)
