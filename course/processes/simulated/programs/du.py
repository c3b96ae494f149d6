"""du: how much room files take."""

import stat
from collections.abc import Generator
from dataclasses import dataclass, field

from course.processes.simulated.process import Process, Run, Waiting
from course.processes.simulated.programs import sizes
from course.processes.simulated.programs.operands import join
from course.processes.simulated.programs.quoting import quote, quoted
from course.processes.simulated.programs.registry import Usage, options, program
from course.union.filesystem import Stat

LONG = "all apparent-size bytes count-links human-readable max-depth= one-file-system summarize total".split()
ANY_DEPTH = 1 << 30

Measuring = Generator[Waiting, None, int]
"""A step that returns a number of bytes (int)."""


@dataclass(slots=True)
class Usages:
    """One call of du: its options, what was counted so far, and the exit status."""

    process: Process
    everything: bool = False
    apparent: bool = False
    every_link: bool = False
    every_inode_once: bool = False  # directories too, since several operands may overlap
    on_one_device: bool = False
    device: int = 0  # of the operand
    human: bool = False
    unit: int = 1024
    depth: int = ANY_DEPTH
    counted: set[tuple[int, int]] = field(default_factory=set)
    status: int = 0

    def measure(self, path: str, depth: int) -> Measuring:
        """Return the bytes (int) that a file takes with all that is in it, and write lines about it."""
        try:
            found = self.process.fs.lstat(path)
        except OSError as error:
            yield from self.complain(f"cannot access {quoted(path)}: {error.strerror}")
            return 0
        if depth == 0:
            self.device = found.st_dev
        if self.on_one_device and found.st_dev != self.device:
            return 0
        is_directory = stat.S_ISDIR(found.st_mode)
        if not self.every_link and (self.every_inode_once or (not is_directory and found.st_nlink > 1)):
            inode = found.st_dev, found.st_ino
            if inode in self.counted:
                return 0
            self.counted.add(inode)
        size = self.size(found)
        if is_directory:
            size += yield from self.content(path, depth)
        if depth == 0 or (depth <= self.depth and (is_directory or self.everything)):
            yield from self.line(size, path)
        return size

    def content(self, path: str, depth: int) -> Measuring:
        """Return the bytes (int) of all that is in a directory."""
        try:
            names = self.process.fs.listdir(path)
        except OSError as error:
            yield from self.complain(f"cannot read directory {quoted(path)}: {error.strerror}")
            return 0
        size = 0
        for name in names:
            size += yield from self.measure(join(path, name), depth + 1)
        return size

    def size(self, found: Stat) -> int:
        """Return the bytes (int) of one file: those on the disk, or those that can be read."""
        return found.st_size if self.apparent else found.st_blocks * 512

    def line(self, size: int, name: str) -> Measuring:
        """Write one line."""
        number = sizes.human(size) if self.human else str(sizes.blocks(size, self.unit))
        yield from self.process.print(f"{number}\t{name}\n")
        return size

    def complain(self, what: str) -> Measuring:
        """Say what went wrong; du ends with status 1."""
        self.status = 1
        yield from self.process.complain(f"{self.process.argv[0]}: {what}")
        return 0


@program("du")
def du(process: Process, argv: list[str]) -> Run:
    """Print the room that files take, in KiB (du(1)): -a -b -c -d -h -k -l -m -s -x --apparent-size."""
    found, operands = options(argv, "abcd:hklmsx", LONG)
    usages = Usages(process)
    summarize, total, depth = False, False, None
    for option, value in found:
        match option:
            case "-a" | "--all":
                usages.everything = True
            case "--apparent-size":
                usages.apparent = True
            case "-b" | "--bytes":
                usages.apparent, usages.human, usages.unit = True, False, 1
            case "-c" | "--total":
                total = True
            case "-d" | "--max-depth":
                depth = _depth(value)
            case "-h" | "--human-readable":
                usages.human = True
            case "-k" | "-m":
                usages.human, usages.unit = False, 1024 if option == "-k" else 1 << 20
            case "-l" | "--count-links":
                usages.every_link = True
            case "-s" | "--summarize":
                summarize = True
            case "-x" | "--one-file-system":
                usages.on_one_device = True
    if summarize and usages.everything:
        raise Usage("cannot both summarize and show all entries")
    if summarize and depth:
        raise Usage(f"warning: summarizing conflicts with --max-depth={depth}")
    if summarize and depth == 0:
        yield from process.complain("du: warning: summarizing is the same as using --max-depth=0")
    usages.depth = 0 if summarize else ANY_DEPTH if depth is None else depth
    usages.every_inode_once = len(operands) > 1
    size = 0
    for operand in operands or ["."]:
        if operand:
            size += yield from usages.measure(operand, 0)
        else:
            yield from usages.complain("invalid zero-length file name")
    if total:
        yield from usages.line(size, "total")
    return usages.status


def _depth(text: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise Usage(f"invalid maximum depth {quote(text)}")
    return int(text)
