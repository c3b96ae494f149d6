"""What find knows while it walks: its options, the file it looks at, and what is still to be done at the end."""

from collections.abc import Callable, Generator
from dataclasses import dataclass, field

from course.processes.simulated.process import Process, Waiting
from course.processes.simulated.programs.operands import last
from course.processes.simulated.programs.registry import Steps
from course.union.filesystem import Stat

ANY_DEPTH = 1 << 30


@dataclass(slots=True)
class Entry:
    """A file that find looks at: its ``path`` (str), the operand ``start`` (str) that led to it, how deep it lies below
    that (int), what it is (Stat), and whether it is not to be entered (``pruned``, bool)."""

    path: str
    start: str
    depth: int
    found: Stat
    pruned: bool = False

    @property
    def name(self) -> str:
        """The last part of the path (str)."""
        return last(self.path)


Looking = Generator[Waiting, None, Entry | None]
"""A step that returns the file at a path (Entry), or None if it cannot be looked at."""


@dataclass(slots=True)
class Search:
    """One call of find.

    ``follow`` is which links are followed (str: P none, H operands, L all), ``depth_first`` whether what lies in a
    directory comes before it, ``min_depth`` and ``max_depth`` are levels below the operands (int), ``on_one_device``
    is whether other file systems are not entered (bool).
    """

    process: Process
    follow: str = "P"
    depth_first: bool = False
    min_depth: int = 0
    max_depth: int = ANY_DEPTH
    on_one_device: bool = False
    device: int = 0  # of the operand
    quitting: bool = False
    status: int = 0
    warnings: list[str] = field(default_factory=list)
    batches: list[Callable[[], Steps]] = field(default_factory=list)
    way: dict[tuple[int, int], str] = field(default_factory=dict)  # the directories that find is in

    def look(self, path: str, operand: bool = False) -> Stat:
        """Return what ``path`` (str) is, with or without following a link (Stat).  Raises OSError."""
        fs = self.process.fs
        if self.follow == "L" or (self.follow == "H" and operand):
            try:
                return fs.stat(path)
            except OSError:
                pass  # a link that leads nowhere is taken for itself
        return fs.lstat(path)

    def complain(self, what: str) -> Steps:
        """Say what went wrong; find ends with status 1."""
        self.status = 1
        yield from self.process.complain(f"{self.process.argv[0]}: {what}")
        return False


Condition = Callable[[Search, Entry], Steps]
"""A test or an action: takes the search and a file, returns whether it holds or went well (bool)."""
