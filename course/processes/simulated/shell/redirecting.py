"""Redirections: what a command's descriptors refer to while it runs (POSIX, XCU 2.7)."""

import errno
from collections.abc import Generator, Sequence
from typing import TYPE_CHECKING

from course.processes.simulated.process import Process, Waiting
from course.processes.simulated.shell import expansion
from course.processes.simulated.shell.characters import DIGITS, inner, outer
from course.processes.simulated.shell.grammar import Document, Redirection
from course.processes.simulated.shell.leaving import ShellError
from course.processes.simulated.streams import Source, Stream
from course.union import flags
from course.union.errnos import failure

if TYPE_CHECKING:
    from course.processes.simulated.shell.shell import Shell

OPENING = {
    "<": flags.O_RDONLY,
    "<>": flags.O_RDWR | flags.O_CREAT,
    ">": flags.O_WRONLY | flags.O_CREAT | flags.O_TRUNC,
    ">|": flags.O_WRONLY | flags.O_CREAT | flags.O_TRUNC,
    ">>": flags.O_WRONLY | flags.O_CREAT | flags.O_APPEND,
}


class Saved:
    """What descriptors referred to before a command's redirections.

    They are not among the process's own descriptors, so that no child inherits them.
    """

    def __init__(self, process: Process) -> None:
        self.process, self.program = process, process.progress
        self.streams: dict[int, Stream | None] = {}

    def put(self, fd: int, stream: Stream | None) -> None:
        """Let descriptor ``fd`` (int) refer to ``stream`` (Stream), or close it; keep what it was."""
        if fd not in self.streams:
            kept = self.streams[fd] = self.process.fds.get(fd)
            if kept:
                kept.holders += 1
        if stream is None:
            if fd in self.process.fds:
                self.process.close(fd)
        elif self.process.fds.get(fd) is not stream:
            if fd in self.process.fds:
                self.process.close(fd)
            self.process.attach(stream, fd)

    def restore(self) -> None:
        """Let each descriptor refer to what it was before, unless another program runs by now."""
        if self.process.progress is not self.program:
            self.forget()
            return
        for fd, stream in self.streams.items():
            if fd in self.process.fds:
                self.process.close(fd)
            if stream:
                self.process.attach(stream, fd)
        self.forget()

    def forget(self) -> None:
        """Let the redirections be for good."""
        for stream in self.streams.values():
            if stream:
                stream.holders -= 1
                if not stream.holders:
                    stream.released()
        self.streams = {}


def expanded(
    shell: "Shell", redirections: Sequence[Redirection]
) -> Generator[Waiting, None, list[tuple[Redirection, str]]]:
    """Return the redirections with what their words expand to (list of pairs of Redirection and str).

    Raises ShellError.
    """
    found = []
    for redirection in redirections:
        target = redirection.target
        text = "" if isinstance(target, Document) else (yield from expansion.text(shell, target))
        if redirection.operator in ("<&", ">&") and not (text == "-" or (len(text) == 1 and text in DIGITS)):
            shell.line = shell.parser.line if shell.parser else shell.line  # where dash says that this is
            raise ShellError("Syntax error: Bad fd number")
        found.append((redirection, text))
    return found


def redirect(shell: "Shell", saved: Saved, given: Sequence[tuple[Redirection, str]]) -> Generator[Waiting, None, None]:
    """Put redirections (sequence of pairs of Redirection and str) into effect.  Raises ShellError."""
    for redirection, text in given:
        fd, target = redirection.fd, redirection.target
        if isinstance(target, Document):
            content = yield from expansion.text(shell, target.content)
            saved.put(fd, Source(content.encode("latin-1")))
        elif redirection.operator in ("<&", ">&"):
            if text != "-" and int(text) not in shell.process.fds:
                raise ShellError(f"{text}: {failure(errno.EBADF).strerror}")
            saved.put(fd, None if text == "-" else shell.process.fds[int(text)])
        else:
            saved.put(fd, _opened(shell, redirection.operator, text))


def _opened(shell: "Shell", operator: str, path: str) -> Stream:
    opening = OPENING[operator]
    if operator == ">" and "C" in shell.options and _is_file(shell, path):
        opening |= flags.O_EXCL
    try:
        return shell.process.opened(outer(path), opening)
    except OSError as error:
        creating = bool(opening & flags.O_CREAT)
        raise ShellError(f"cannot {'create' if creating else 'open'} {path}: {reason(error, creating)}") from None


def reason(error: OSError, creating: bool) -> str:
    """Return how dash says why a file could not be opened (str), or when ``creating`` (bool), made."""
    if error.errno in (errno.ENOENT, errno.ENOTDIR):
        return "Directory nonexistent" if creating else "No such file"
    return inner(str(error.strerror))


def _is_file(shell: "Shell", path: str) -> bool:
    try:
        return shell.process.fs.stat(outer(path)).st_mode & 0o170000 == 0o100000
    except OSError:
        return False
