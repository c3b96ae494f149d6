"""A trial of what this kernel allows, in processes of its own, whose changes end with them.

The probe starts it with an interpreter of its own, since a notebook's process has threads and may not unshare.  It
takes the steps of a container, to the end: namespaces, mounts, a new root, a program in it.  Of each thing that it has
tried it prints a line of JSON at once: its name, and the step that failed with its errno, or nothing and 0.  What is
not tried, for want of something before it, is not printed.

    trial("user", folder)    in a user namespace: as root one with 65,536 ids, otherwise with the user's own
    trial("root", folder)    without one
    trial("limits", folder)  what a control group can limit; of what it cannot, the reason stands for the step

``folder`` is an empty folder to mount on.
"""

from __future__ import annotations

import errno
import json
import os
import signal
import stat
import struct
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from course.processes.linux import mounting, syscalls, user_namespace
from course.processes.linux.cgroup_files import CannotLimit
from course.processes.linux.cgroups import find, open_parent

if sys.platform == "linux":  # Windows, where this module can be imported, too, has neither
    import fcntl
    import termios
if TYPE_CHECKING:
    from collections.abc import Callable

NAMESPACES = {
    "mount": syscalls.CLONE_NEWNS,
    "PID": syscalls.CLONE_NEWPID,
    "network": syscalls.CLONE_NEWNET,
    "IPC": syscalls.CLONE_NEWIPC,
    "UTS": syscalls.CLONE_NEWUTS,
    "cgroup": syscalls.CLONE_NEWCGROUP,
}
LIMITS: dict[str, dict[str, int]] = {
    "memory": {"memory": 1 << 28},
    "pids": {"pids": 100},
    "cpu": {"cpus": 1},
    "freezer": {},
}
TIOCSPTLCK, TIOCGPTN = 0x40045431, 0x80045430  # asm-generic/ioctls.h
ANSWER = 42  # the exit status of the program
MACHINES = {  # the number that ELF gives each, exit(ANSWER) in its code, and the number of its uname(2)
    "x86_64": (62, "b83c000000 bf2a000000 0f05", 63),
    "aarch64": (183, "400580d2 a80b80d2 010000d4", 160),
}


def trial(kind: str, folder: str) -> None:
    """Try everything of one ``kind`` (str), and tell it."""
    Path(folder).chmod(0o755)
    os.chdir(folder)  # now: root in the user namespace need not have a way here
    if kind == "limits":
        try_limits()
    elif kind == "root":
        try_namespaces(kind)
    else:
        try_user_namespace()


def attempt(name: str, action: Callable[[], None]) -> bool:
    """Try one thing, tell how it went, and return whether it worked (bool)."""
    try:
        action()
    except OSError as error:
        tell(name, str(error.filename).partition("(")[0], error.errno or errno.EIO)
        return False
    tell(name, "", 0)
    return True


def tell(name: str, step: str, number: int) -> None:
    """Print one line, in one write(2): several processes tell what they try."""
    os.write(1, f"{json.dumps([name, step, number])}\n".encode())


def try_user_namespace() -> None:
    """Try the rest in a user namespace: the one that containers get."""
    ids: list[int] = []
    if attempt("user namespace", lambda: ids.append(user_namespace.enter())):
        if ids[0] > 1:
            tell("ids", "", 0)
        try_namespaces("user")


def try_namespaces(kind: str) -> None:
    """Try the other namespaces, and the rest in the first process of the new PID namespace."""
    entered = {name: attempt(f"{name} namespace", partial(syscalls.unshare, flag)) for name, flag in NAMESPACES.items()}
    if entered["mount"] and attempt("private mounts", make_mounts_private):
        in_child(lambda: try_mounts(kind, entered))


def make_mounts_private() -> None:
    """Keep what is mounted from here on to this mount namespace.  Raises OSError."""
    syscalls.mount("none", "/", "", syscalls.MS_REC | syscalls.MS_PRIVATE)


def try_mounts(kind: str, entered: dict[str, bool]) -> None:
    """Try what a container has mounted, and a container, if it has all the namespaces that could be ``entered``."""
    fresh = entered["PID"] and attempt("fresh /proc", lambda: syscalls.mount("proc", ".", "proc"))
    if not attempt("tmpfs", enter_tmpfs):
        return
    works = attempt("overlay", lambda: try_overlay(",userxattr" if kind == "user" else ""))
    attempt("filter", try_filter)
    attempt("terminal", try_terminal)
    if works and all(entered.values()):
        attempt("program", lambda: try_program(fresh=fresh))


def enter_tmpfs() -> None:
    """Mount a tmpfs over the present folder, and go there.  Raises OSError."""
    filesystem = mounting.fsopen("tmpfs")
    mounting.fsconfig_create(filesystem)
    root = mounting.fsmount(filesystem)
    mounting.move_mount(root, "", syscalls.AT_FDCWD, ".", mounting.MOVE_MOUNT_F_EMPTY_PATH)
    os.fchdir(root)


def try_overlay(options: str) -> None:
    """Mount an overlay and delete through it, which leaves a whiteout (kernel: overlayfs.rst).  Raises OSError."""
    for folder in ("lower", "lower/proc", "lower/file", "upper", "work", "merged"):
        Path(folder).mkdir()
    syscalls.mount("overlay", "merged", "overlay", 0, f"lowerdir=lower,upperdir=upper,workdir=work{options}")
    Path("merged/file").rmdir()
    mark = Path("upper/file").lstat()
    if not (stat.S_ISCHR(mark.st_mode) and mark.st_rdev == 0):
        raise OSError(errno.EIO, "no whiteout", "unlink")


def try_program(*, fresh: bool) -> None:
    """Make the overlay the root of a process, with a /proc, and run a program there.  Raises OSError.

    Where no ``fresh`` /proc can be mounted (bool) it gets the one that is there.
    """
    Path("merged/program").write_bytes(program())
    Path("merged/program").chmod(0o700)
    said, heard = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            enter_root(fresh=fresh)
            os.execv("/program", ["program"])
        except OSError as error:
            step = str(error.filename or "execve").partition("(")[0]
            os.write(heard, f"{error.errno} {step}".encode())
        os._exit(0)
    os.close(heard)
    failure = os.read(said, 4096).decode()  # nothing at all, once the program runs: the pipe is closed by execve(2)
    status = ended(child)
    if failure:
        number, step = failure.split(" ", 1)
        raise OSError(int(number), os.strerror(int(number)), step)
    if status == errno.EPERM:
        raise OSError(errno.EPERM, "killed", "program")
    if status != ANSWER:
        raise OSError(errno.EIO, f"exit status {status}", "program")


def enter_root(*, fresh: bool) -> None:
    """Pivot into ``merged`` (pivot_root(2)).  Raises OSError."""
    if fresh:
        syscalls.mount("proc", "merged/proc", "proc")
    else:
        syscalls.mount("/proc", "merged/proc", "", syscalls.MS_BIND | syscalls.MS_REC)
    os.chdir("merged")
    syscalls.pivot_root(".", ".")
    syscalls.umount2(".", syscalls.MNT_DETACH)
    os.chdir("/")


def program() -> bytes:
    """Return a program of nothing but exit(ANSWER) (bytes: an ELF file, elf(5)).  Raises OSError: no such machine."""
    machine, code, _uname = known_machine()
    instructions, start, page = bytes.fromhex(code), 0x400000, 0x10000
    size = 64 + 56 + len(instructions)
    identity = b"\x7fELF\2\1\1".ljust(16, b"\0")
    head = struct.pack("<16sHHIQQQIHHHHHH", identity, 2, machine, 1, start + 120, 64, 0, 0, 64, 56, 1, 0, 0, 0)
    segment = struct.pack("<IIQQQQQQ", 1, 5, 0, start, start, size, size, page)
    return head + segment + instructions


def try_filter() -> None:
    """Let a child forbid itself a system call by a filter (seccomp(2)), and see it refused.  Raises OSError."""
    _machine, _code, uname = known_machine()
    load, equal, give, allow, refuse = 0x20, 0x15, 0x06, 0x7FFF0000, 0x00050000 | errno.EPERM
    lines = ((load, 0, 0, 0), (equal, 0, 1, uname), (give, 0, 0, refuse), (give, 0, 0, allow))

    def filtered() -> None:
        syscalls.prctl(syscalls.PR_SET_NO_NEW_PRIVS, 1)
        syscalls.seccomp(syscalls.SECCOMP_SET_MODE_FILTER, 0, b"".join(struct.pack("<HBBI", *line) for line in lines))
        try:
            os.uname()
        except PermissionError:
            return
        raise OSError(errno.EIO, "not refused", "seccomp")

    number = in_child(filtered)
    if number:
        raise OSError(number, os.strerror(number), "seccomp")


def try_terminal() -> None:
    """Open a pseudo-terminal of a devpts of its own (devpts.rst), and write through it.  Raises OSError."""
    Path("pts").mkdir()
    syscalls.mount("devpts", "pts", "devpts", 0, "newinstance,ptmxmode=0666,mode=0620")
    master = os.open("pts/ptmx", os.O_RDWR | os.O_NOCTTY)
    fcntl.ioctl(master, TIOCSPTLCK, bytes(4))
    number = int.from_bytes(fcntl.ioctl(master, TIOCGPTN, bytes(4)), sys.byteorder)
    terminal = os.open(f"pts/{number}", os.O_RDWR | os.O_NOCTTY)
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    os.write(terminal, b"!")
    if os.read(master, 1) != b"!":
        raise OSError(errno.EIO, "nothing came through", "read")


def try_limits() -> None:
    """Limit, freeze and thaw a process, by control groups that are removed again."""
    parent = open_parent(find(), f"course-probe-{os.getpid()}")
    child = os.fork()
    if child == 0:
        while True:
            signal.pause()
    try:
        for what, limits in LIMITS.items():
            reason = parent.reasons.get(what, "")
            if not reason:
                try:
                    group = parent.make(what, **limits)
                    group.add(child)
                    if what == "freezer":
                        group.freeze()
                        group.thaw()
                except (CannotLimit, OSError) as error:
                    reason = error.reason if isinstance(error, CannotLimit) else str(error.strerror)
            tell(what, reason, errno.EPERM if reason else 0)
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        parent.remove()


def in_child(action: Callable[[], None]) -> int:
    """Do it in a child, and return the errno that it failed with (int), or 0."""
    child = os.fork()
    if child == 0:
        try:
            action()
        except OSError as error:
            os._exit(error.errno or errno.EIO)
        os._exit(0)
    return ended(child)


def ended(child: int) -> int:
    """Return a child's exit status (int), or EPERM: a seccomp filter can kill who tries what it forbids."""
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return status if status >= 0 else errno.EPERM


def known_machine() -> tuple[int, str, int]:
    """Return what MACHINES says of this one.  Raises OSError."""
    name = os.uname().machine
    if name not in MACHINES or sys.maxsize < 1 << 32:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS), "machine")
    return MACHINES[name]
