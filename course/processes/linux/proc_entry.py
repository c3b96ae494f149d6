"""One process's folder in /proc: what its files say, as values.

Rule: proc(5), namespaces(7).
"""

import os
import posixpath
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

from course.errors import MachineError
from course.processes.mount_table import MountEntry, mount_table
from course.processes.observed import IdRange
from course.words import _, shown

FOLDER = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_CLOEXEC", 0)  # Windows, which can import this,
FILE = os.O_RDONLY | getattr(os, "O_CLOEXEC", 0)  # has neither

T = TypeVar("T")


class ProcEntry:
    """The folder of one process, held open by ``descriptor`` (int): what is read is of this process, or fails (ESRCH).

    ``path`` (Path) is what the folder is called in messages.  Methods raise OSError, and MachineError where a file is
    not as the kernel writes it.
    """

    def __init__(self, descriptor: int, path: Path) -> None:
        self.descriptor, self.path = descriptor, path

    def text(self, name: str) -> str:
        """Return what the file ``name`` (str) holds (str; bytes that are not UTF-8 as surrogates)."""
        with os.fdopen(os.open(name, FILE, dir_fd=self.descriptor), "rb") as file:
            return file.read().decode("utf-8", "surrogateescape")

    def parsed(self, name: str, parse: Callable[[str], T]) -> T:
        """Return what ``parse`` makes of the file ``name`` (str); a ValueError of it is a MachineError here."""
        text = self.text(name)
        try:
            return parse(text)
        except ValueError as error:
            raise self._odd(name) from error

    def status(self) -> "Status":
        """Return what its status says (Status)."""
        return self.parsed("status", Status)

    def arguments(self) -> tuple[str, ...]:
        """Return its command line (tuple of str): empty for a kernel thread and a zombie."""
        text = self.text("cmdline")
        return tuple(text.removesuffix("\0").split("\0")) if text else ()

    def flags(self) -> int:
        """Return the kernel's flags of it (int: PF_…)."""
        return self.parsed("stat", lambda text: int([*text.rpartition(")")[2].split(), *[""] * 7][6]))

    def ids(self, name: str) -> tuple[IdRange, ...]:
        """Return its ``uid_map`` or ``gid_map``, as ``name`` (str) says: tuple of IdRange."""
        return self.parsed(name, lambda text: tuple(_range(line) for line in text.splitlines()))

    def mounts(self) -> tuple[MountEntry, ...]:
        """Return its mount table (tuple of MountEntry)."""
        return self.parsed("mountinfo", mount_table)

    def namespaces(self) -> dict[str, int]:
        """Return the inode of each of its namespaces (kind -> int)."""
        folder = os.open("ns", FOLDER, dir_fd=self.descriptor)
        try:
            with os.scandir(folder) as links:
                kinds = sorted(link.name for link in links)
        finally:
            os.close(folder)
        inodes = {}
        for kind in kinds:
            with suppress(FileNotFoundError):  # a zombie has left most; pid_for_children waits for the first child
                inodes[kind] = self.namespace(kind)
        return inodes

    def namespace(self, kind: str) -> int:
        """Return the inode of its namespace of one ``kind`` (str): int."""
        link = os.readlink(f"ns/{kind}", dir_fd=self.descriptor)
        number = link.partition("[")[2].removesuffix("]")
        if not number.isdecimal():
            raise self._odd(f"ns/{kind}")
        return int(number)

    def _odd(self, name: str) -> MachineError:
        return MachineError(_("{path} is not as the kernel writes it.").format(path=shown(str(self.path / name))))

    def followed(self, path: str) -> str:
        """Return ``path`` (str, absolute), or where it leads (str) if it is a symbolic link for this process.

        One link is followed: Docker's and Podman's short names of layers are one.
        """
        try:
            target = os.readlink("root" + path, dir_fd=self.descriptor)
        except OSError:
            return path
        return posixpath.normpath(posixpath.join(posixpath.dirname(path), target))


class Status:
    """What /proc/PID/status says, in its own terms (proc_pid_status(5)).  Raises ValueError for any other ``text``."""

    def __init__(self, text: str) -> None:
        fields = {name: value.strip() for name, _colon, value in (line.partition(":") for line in text.split("\n"))}
        lacking = {"Name", "State", "Pid", "PPid", "Tgid", "Uid", "Gid"}.difference(fields)
        if lacking:
            raise ValueError(lacking)
        self.name, self.state = fields["Name"], fields["State"]
        self.pid, self.parent, self.leader = int(fields["Pid"]), int(fields["PPid"]), int(fields["Tgid"])
        self.pids = tuple(map(int, fields.get("NSpid", fields["Pid"]).split()))
        self.uid, self.gid = _effective(fields["Uid"]), _effective(fields["Gid"])
        self.capabilities = {name: int(value, 16) for name, value in fields.items() if name.startswith("Cap")}
        self.seccomp, self.no_new_privs = int(fields.get("Seccomp", "0")), fields.get("NoNewPrivs") == "1"

    @property
    def zombie(self) -> bool:
        """Whether the process has ended, and only its parent has not taken note yet (bool)."""
        return self.state.startswith(("Z", "X"))


def _effective(ids: str) -> int:
    _real, effective, _saved, _filesystem = map(int, ids.split())
    return effective


def _range(line: str) -> IdRange:
    inside, outside, count = map(int, line.split())
    return IdRange(inside, outside, count)


@contextmanager
def opened(pid: int | None, proc: Path) -> Iterator[ProcEntry]:
    """Give the folder of process ``pid`` (int; None for this process) below ``proc`` (Path).  Raises OSError."""
    path = proc / ("self" if pid is None else str(pid))
    descriptor = os.open(path, FOLDER)
    try:
        yield ProcEntry(descriptor, path)
    finally:
        os.close(descriptor)


def pids(proc: Path) -> list[int]:
    """Return the numbers of all processes that are shown below ``proc`` (Path): sorted list of int.  Raises OSError."""
    return sorted(int(path.name) for path in proc.iterdir() if path.name.isdecimal())
