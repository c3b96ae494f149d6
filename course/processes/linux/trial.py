"""A trial of what this kernel allows, in a process of its own, whose changes end with it.

The probe starts this file with an interpreter of its own, since a notebook's process has threads and may not unshare:
``python -I trial.py user FOLDER`` tries in a user namespace, ``root`` without one.  What it prints is JSON: for each
thing that was tried the step that failed and its errno, or nothing and 0.  FOLDER is an empty folder to mount on.
"""

import ctypes
import errno
import json
import os
import stat
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

# linux/sched.h, linux/mount.h
CLONE_NEWUSER = 0x10000000
NAMESPACES = {
    "mount": 0x00020000,
    "PID": 0x20000000,
    "network": 0x40000000,
    "IPC": 0x08000000,
    "UTS": 0x04000000,
    "cgroup": 0x02000000,
}
MS_REC, MS_PRIVATE = 0x4000, 0x40000

Outcomes = dict[str, tuple[str, int]]


def trial(kind: str, folder: Path) -> Outcomes:
    """Try everything, in a user namespace or not (``kind``: "user" or "root"); leave out what cannot be tried."""
    outcomes: Outcomes = {}

    def attempt(name: str, action: Callable[[], None]) -> bool:
        try:
            action()
        except OSError as error:
            outcomes[name] = (str(error.filename), error.errno or errno.EIO)
        else:
            outcomes[name] = ("", 0)
        return not outcomes[name][1]

    if kind == "user" and not attempt("user namespace", enter_user_namespace):
        return outcomes
    entered = {name: attempt(f"{name} namespace", partial(unshare, flag)) for name, flag in NAMESPACES.items()}
    if entered["mount"] and attempt("private mounts", partial(mount, "none", Path("/"), "", MS_REC | MS_PRIVATE)):
        if entered["PID"]:
            attempt("fresh /proc", partial(in_child, partial(mount, "proc", folder, "proc")))
        if attempt("tmpfs", partial(mount, "tmpfs", folder, "tmpfs")):
            attempt("overlay", partial(try_overlay, folder, ",userxattr" if kind == "user" else ""))
    return outcomes


def enter_user_namespace() -> None:
    """Become root in a new user namespace (user_namespaces(7)).  Raises OSError, named after the step."""
    maps = {"setgroups": "deny", "uid_map": f"0 {os.geteuid()} 1", "gid_map": f"0 {os.getegid()} 1"}
    unshare(CLONE_NEWUSER)
    for name, content in maps.items():
        try:
            Path("/proc/self", name).write_text(content)
        except OSError as error:
            raise OSError(error.errno, error.strerror, name) from error


def try_overlay(folder: Path, options: str) -> None:
    """Mount an overlay in ``folder`` and delete a file through it, which leaves a whiteout (kernel: overlayfs.rst)."""
    lower, upper, work, merged = (folder / name for name in ("lower", "upper", "work", "merged"))
    for part in (lower, upper, work, merged):
        part.mkdir()
    (lower / "file").touch()
    mount("overlay", merged, "overlay", 0, f"lowerdir={lower},upperdir={upper},workdir={work}{options}")
    (merged / "file").unlink()
    mark = (upper / "file").lstat()
    if not (stat.S_ISCHR(mark.st_mode) and mark.st_rdev == 0):
        raise OSError(errno.EIO, "no whiteout", "unlink")


def in_child(action: Callable[[], None]) -> None:
    """Do it in a child, the first process of the new PID namespace.  Raises OSError."""
    child = os.fork()
    if child == 0:
        try:
            action()
        except OSError as error:
            os._exit(error.errno or errno.EIO)
        os._exit(0)
    number = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if number:
        raise OSError(number, os.strerror(number), "mount")


def unshare(flag: int) -> None:
    """unshare(2).  Raises OSError."""
    _called("unshare", LIBC.unshare(flag))


def mount(source: str, target: Path, kind: str, flags: int = 0, options: str = "") -> None:
    """mount(2).  Raises OSError."""
    arguments = (source.encode(), bytes(target), kind.encode(), ctypes.c_ulong(flags), options.encode())
    _called("mount", LIBC.mount(*arguments))


def _called(name: str, result: int) -> None:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), name)


if __name__ == "__main__":
    LIBC = ctypes.CDLL(None, use_errno=True)  # not when imported: Windows has none
    json.dump(trial(sys.argv[1], Path(sys.argv[2])), sys.stdout)
