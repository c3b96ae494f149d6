"""Questions that programs ask before they overwrite or remove something, and the kinds of files they speak of."""

import stat
from collections.abc import Generator

from course.processes.simulated.process import Process, Waiting
from course.union.filesystem import Stat

KINDS = {
    stat.S_IFDIR: "directory",
    stat.S_IFLNK: "symbolic link",
    stat.S_IFIFO: "fifo",
    stat.S_IFCHR: "character special file",
    stat.S_IFBLK: "block special file",
    stat.S_IFSOCK: "socket",
}


def kind(found: Stat) -> str:
    """Return what a file (Stat) is, in words (str): ``regular file``, ``directory``."""
    if stat.S_ISREG(found.st_mode):
        return "regular file" if found.st_size else "regular empty file"
    return KINDS.get(stat.S_IFMT(found.st_mode), "weird file")


def agrees(process: Process, question: str) -> Generator[Waiting, None, bool]:
    """Ask ``question`` (str) on standard error; return whether the line that comes in begins with a ``y`` (bool)."""
    yield from process.write(2, f"{process.argv[0]}: {question} ".encode("utf-8", "surrogateescape"))
    answer = b""
    while not answer.endswith(b"\n") and (letter := (yield from process.read(0, 1))):
        answer += letter
    return answer[:1] in (b"y", b"Y")


def asks_somebody(process: Process) -> bool:
    """Return whether standard input is a terminal (bool): only then do programs ask of their own accord."""
    return 0 in process.fds and process.fds[0].terminal
