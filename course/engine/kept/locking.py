"""One engine at a time: the lock on a store's directory."""

import os
from pathlib import Path
from typing import BinaryIO

from course.errors import MachineError
from course.words import _, shown

LOCK = "engine.lock"


def locked(root: Path) -> BinaryIO:
    """Return the lock of the directory ``root`` (Path): a file, to be closed when the work is done.

    The kernel takes the lock back when the process ends, however it ends; so the file stays, and says nothing about
    whether there is a lock.  It holds the pid of the process that had it last, for a person to read.  Raises
    MachineError: another engine has it; there are no such locks here.  Rule: flock(2).
    """
    try:
        import fcntl  # not at the top: this package is imported on Windows, too
    except ImportError as error:
        raise MachineError(
            _("an engine that keeps its containers on disk needs Linux; Engine() simulates one on any machine.")
        ) from error
    path = root / LOCK
    if path.is_symlink() or (path.exists() and not path.is_file()):
        raise MachineError(_("{path}: is no regular file; remove it and try again.").format(path=shown(str(path))))
    file = path.open("a+b")  # made without being emptied; Python has it closed on exec (PEP 446)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        raise _refusal(root, file, error) from error
    file.truncate(0)
    file.write(f"{os.getpid()}\n".encode())
    file.flush()
    return file


def _refusal(root: Path, file: BinaryIO, error: OSError) -> MachineError:
    """Return why the lock cannot be had (MachineError): who has it, as far as the ``file`` says."""
    with file:
        file.seek(0)
        pid = file.read(20).decode("ascii", "replace").strip()
    where = shown(str(root))
    if not isinstance(error, BlockingIOError):
        return MachineError(
            _("{path}: cannot be locked ({reason}); choose a directory on a local disk.").format(
                path=where, reason=error.strerror
            )
        )
    if pid == str(os.getpid()):
        return MachineError(
            _("{path}: this process has an engine on it already: close that one first, or use it.").format(path=where)
        )
    return MachineError(
        _(
            "{path}: in use by another engine, of process {pid}: end that one (a notebook: shut its kernel down), or "
            "choose another directory."
        ).format(path=where, pid=shown(pid) if pid.isdecimal() else _("unknown"))
    )
