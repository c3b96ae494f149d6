"""Executables: which file a name means, and which program a file is."""

import errno
import re
import stat
from typing import TYPE_CHECKING

from course.union import flags
from course.union.errnos import failure
from course.words import _

if TYPE_CHECKING:
    from course.processes.simulated.process import Process, Program

DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
BUILTIN = "#!builtin "  # how an executable of a small image names the built-in program that it is
FIRST_LINE = 256  # bytes that the kernel looks at (BINPRM_BUF_SIZE)


class ForeignProgram(OSError):  # noqa: N818 (names the fact)
    """A file that could run on a real machine, but not in the simulator (ENOEXEC)."""

    def __init__(self, path: str) -> None:
        super().__init__(
            errno.ENOEXEC,
            _("the simulator runs only the course's built-in programs; the real runtime runs others"),
            path,
        )


def find(process: "Process", argv: list[str], path: str | None = None) -> "tuple[Program, list[str]]":
    """Return the program that ``argv[0]`` means to ``process``, and its arguments (pair: Program, list of str).

    ``path`` (str) stands for the environment's PATH.  A file that says nothing of what it is goes to the shell, as a
    script.  Raises OSError: ENOENT, EACCES, ENOTDIR, ForeignProgram.  Rule: execvp(3).
    """
    file = locate(process, argv[0], path)
    try:
        return load(process, file, argv)
    except ForeignProgram:
        raise
    except OSError as error:
        if error.errno != errno.ENOEXEC or "sh" not in process.space.programs:
            raise
        return process.space.programs["sh"], ["/bin/sh", file, *argv[1:]]


def locate(process: "Process", name: str, path: str | None = None) -> str:
    """Return the file (str) that the command ``name`` (str) means: itself if it has a slash, else the first in PATH.

    ``path`` (str) stands for the environment's PATH.  Raises OSError: ENOENT, EACCES.  Rule: execvp(3).
    """
    if "/" in name:
        return name
    denied = False
    for folder in (process.env.get("PATH", DEFAULT_PATH) if path is None else path).split(":"):
        candidate = f"{folder}/{name}" if folder else name
        try:
            check(process, candidate)
        except PermissionError:
            denied = True
        except OSError:
            continue
        else:
            return candidate
    raise failure(errno.EACCES if denied else errno.ENOENT, name)


def check(process: "Process", path: str) -> None:
    """Raise OSError unless ``process`` may run the file ``path`` (str): ENOENT, ENOTDIR, EACCES."""
    if not stat.S_ISREG(process.fs.stat(path).st_mode):
        raise failure(errno.EACCES, path)
    process.fs.access(path, flags.X_OK)


def load(process: "Process", path: str, argv: list[str], depth: int = 0) -> "tuple[Program, list[str]]":
    """Return the program that the file ``path`` (str) is, and the arguments it gets.  Raises OSError.

    A ``#!`` line names a built-in program, or an interpreter that is itself looked up.  Rule: execve(2).
    """
    check(process, path)
    file = process.fs.with_credentials(0, 0).open_file(path, flags.O_RDONLY)  # as the kernel does
    head = file.read(FIRST_LINE)
    line = head.split(b"\n", 1)[0].decode("utf-8", "surrogateescape")
    if line.startswith(BUILTIN):
        name = line.removeprefix(BUILTIN).strip()
        if name not in process.space.programs:
            raise ForeignProgram(path)
        return process.space.programs[name], argv
    if line.startswith("#!"):
        interpreter, *argument = re.split("[ \t]+", line[2:].strip(" \t"), maxsplit=1)  # a \r is part of the name
        if not interpreter:
            raise failure(errno.ENOEXEC, path)
        if depth == 4:  # as many interpreters of interpreters as the kernel takes
            raise failure(errno.ELOOP, path)
        return load(process, interpreter, [interpreter, *argument, path, *argv[1:]], depth + 1)
    if b"\0" in head:
        raise ForeignProgram(path)
    raise failure(errno.ENOEXEC, path)
