"""Calling programs: how the shell finds one and becomes it (POSIX, XCU 2.9.1.4)."""

import errno
import stat
from typing import TYPE_CHECKING

from course.processes.simulated import executable
from course.processes.simulated.shell.characters import inner, outer
from course.processes.simulated.shell.running import Executing

if TYPE_CHECKING:
    from course.processes.simulated.shell.shell import Shell

NOT_FOUND, NOT_EXECUTABLE = 127, 126


def replace(shell: "Shell", words: list[str], path: str | None = None) -> Executing:
    """Run a program in place of this shell; return a status (int) only if there is no such program.

    ``words`` (list of str) are its name and arguments; ``path`` (str) stands for PATH.
    """
    process = shell.process
    process.env = shell.variables.environment()
    searched = shell.variables.get("PATH") if path is None else path
    try:
        program, argv = executable.find(process, [outer(word) for word in words], outer(searched or ""))
    except OSError as error:
        return (yield from _refused(shell, words[0], error))
    process.become(program, argv)


def _refused(shell: "Shell", name: str, error: OSError) -> Executing:
    """Say why ``name`` (str) could not be run, and return the status (int) that says so too."""
    missing = error.errno in (errno.ENOENT, errno.ENOTDIR)
    yield from shell.complain(f"{name}: {'not found' if missing else inner(str(error.strerror))}")
    return NOT_FOUND if missing or not name else NOT_EXECUTABLE


def search(shell: "Shell", name: str, path: str | None = None) -> str:
    """Return the file (str) that the program ``name`` (str) is.  Raises OSError."""
    if path is None:
        path = shell.variables.get("PATH") or ""
    return inner(executable.locate(shell.process, outer(name), outer(path)))


def track(shell: "Shell", name: str) -> str | None:
    """Return the file (str) that ``name`` (str) is in PATH, and remember it for ``type`` and ``hash``; None if none is.

    A name with a slash is whatever has that path, and nothing to remember.
    """
    try:
        if "/" in name:
            shell.process.fs.stat(outer(name))
            return name
        shell.tracked[name] = search(shell, name)
    except OSError:
        return None
    return shell.tracked[name]


def is_regular(shell: "Shell", path: str) -> bool:
    """Return whether ``path`` (str) is a regular file (bool)."""
    try:
        return stat.S_ISREG(shell.process.fs.stat(outer(path)).st_mode)
    except OSError:
        return False
