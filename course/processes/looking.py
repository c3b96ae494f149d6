"""Looking for a program as Go does, whose words docker shows when there is none."""

import errno
from typing import Any


class Refused(Exception):  # noqa: N818 (an outcome)
    """What runc says it could not do."""


def words(error: OSError) -> str:
    """Return what Go says of ``error`` (OSError) where C says it with a capital letter (str)."""
    return (error.strerror or "").lower()


def look_path(fs: Any, path: str, name: str) -> str:
    """Return the file (str) that Go's exec.LookPath finds for ``name`` in ``path`` (str each).  Raises Refused.

    ``fs`` is whose ``stat`` is asked: a UnionFilesystem, or ``os``.

    >>> import os
    >>> look_path(os, "/", "no-such-program")
    Traceback (most recent call last):
    course.processes.looking.Refused: exec: "no-such-program": executable file not found in $PATH
    """
    quoted = '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if "/" in name:
        try:
            _check_executable(fs, name)
        except OSError as error:
            stat = "" if error.errno == errno.EACCES and error.filename is None else f"stat {name}: "
            raise Refused(f"exec: {quoted}: {stat}{words(error)}") from None
        return name
    for folder in path.split(":") if path else ():
        candidate = f"{folder}/{name}" if folder not in ("", ".") else name
        try:
            _check_executable(fs, candidate)
        except OSError:
            continue
        if not candidate.startswith("/"):
            raise Refused(f"exec: {quoted}: cannot run executable found relative to current directory")
        return candidate
    raise Refused(f"exec: {quoted}: executable file not found in $PATH")


def _check_executable(fs: Any, path: str) -> None:
    """Raise OSError for what is not there, or no file that anybody may run (EACCES, without a path)."""
    mode = fs.stat(path).st_mode
    if mode & 0o170000 == 0o040000 or not mode & 0o111:
        raise PermissionError(errno.EACCES, "Permission denied")
