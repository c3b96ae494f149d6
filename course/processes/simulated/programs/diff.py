"""diff: what must be changed in one file, or tree, to have the other."""

import re
import stat
from collections.abc import Generator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from course.processes.simulated.programs.asking import kind
from course.processes.simulated.programs.buffering import Output, Steps, encoded
from course.processes.simulated.programs.comparing import hinted
from course.processes.simulated.programs.line_differences import Change, changes, hunks
from course.processes.simulated.programs.operands import join, last
from course.processes.simulated.programs.quoting import named, quote
from course.processes.simulated.programs.registry import Usage, extra_operand, options, program
from course.processes.simulated.programs.times import full
from course.union import flags

if TYPE_CHECKING:
    from course.processes.simulated.process import Process, Run, Waiting
    from course.union.filesystem import Stat

LONG = {
    "recursive": "r",
    "brief": "q",
    "new-file": "N",
    "ignore-case": "i",
    "ignore-space-change": "b",
    "ignore-all-space": "w",
    "report-identical-files": "s",
    "text": "a",
    "unified=?": "U",
    "label=": "L",
    "exclude=": "x",
}
NO_NEWLINE = b"\n\\ No newline at end of file\n"


@dataclass
class Request:
    """A command line of diff: ``context`` is -1 for the normal form, or the lines (int) around unified changes.

    ``switches`` are the options as they were given (str), for the line above each pair of files.
    """

    wishes: set[str] = field(default_factory=set)
    context: int = -1
    labels: list[str] = field(default_factory=list)
    switches: str = ""

    def key(self, line: bytes) -> bytes:
        """Return what of a line (bytes) is compared (bytes)."""
        if "w" in self.wishes:
            line = re.sub(rb"\s+", b"", line)
        elif "b" in self.wishes:
            line = re.sub(rb"\s+", b" ", line.rstrip())
        return line.lower() if "i" in self.wishes else line


@dataclass
class Side:
    """One of the two files: its name, its state (Stat; None: it is not there) and, once read, its content."""

    name: str
    state: "Stat | None"
    data: bytes = b""

    @property
    def is_directory(self) -> bool:
        """Whether it is a directory (bool)."""
        return self.state is not None and stat.S_ISDIR(self.state.st_mode)

    @property
    def kind(self) -> str:
        """What it is, in words (str)."""
        assert self.state is not None  # noqa: S101 (asked of files that are there)
        return kind(self.state)


@program("diff", usage_status=2)
def diff(process: "Process", argv: list[str]) -> "Run":
    """Compare files line by line (diff(1)): normal and unified form, -r -q -s -N -i -b -w -a -L."""
    try:
        request, names = _parsed(argv)
    except Usage as error:
        raise hinted(argv, error) from None
    comparison = Comparison(process, request)
    status = yield from comparison.operands(*names)
    yield from comparison.out.flush()
    return status


def _parsed(argv: list[str]) -> tuple[Request, list[str]]:
    found, names = options(argv, "rqNibwsauU:L:x:0123456789", LONG)
    letters = {name.rstrip("=?"): letter for name, letter in LONG.items()}
    request, digits = Request(), ""
    for option, value in found:
        letter = letters.get(option[2:], option[1:])
        if letter.isdecimal():
            digits += letter
        elif letter in "uU":
            if value and not value.isdecimal():
                raise Usage(f"invalid context length {quote(value)}")
            request.context = max(request.context, int(value or 3))
        elif letter == "L":
            request.labels.append(value)
        else:
            request.wishes.add(letter)
    if digits and request.context >= 0:
        request.context = int(digits)
    if len(names) < 2:
        raise Usage(f"missing operand after {quote(names[-1] if names else argv[0])}")
    extra_operand(names, 2)
    before = argv[1 : argv.index("--")] if "--" in argv else argv[1:]
    request.switches = "".join(f" {named(word)}" for word in before if word.startswith("-") and word != "-")
    return request, names


class Comparison:
    """A comparison by ``process`` (Process) as ``request`` (Request) says."""

    def __init__(self, process: "Process", request: Request) -> None:
        self.process, self.request = process, request
        self.out = Output(process)

    def operands(self, one: str, two: str) -> "Generator[Waiting, None, int]":
        """Compare the two files or trees of the command line, and return the exit status (int)."""
        sides, failed = [], False
        for name in (one, two):
            try:
                sides.append(self._side(name))
            except OSError as error:
                if "N" in self.request.wishes and isinstance(error, FileNotFoundError) and not failed:
                    sides.append(Side(name, None))
                    continue
                yield from self.out.complain(f"{named(name)}: {error.strerror}")
                failed = True
        if failed:
            return 2
        if sides[0].is_directory != sides[1].is_directory and all(side.state for side in sides):
            place = 0 if sides[0].is_directory else 1
            path = join(sides[place].name, last(sides[1 - place].name))
            try:
                sides[place] = self._side(path)
            except OSError as error:
                yield from self.out.complain(f"{named(path)}: {error.strerror}")
                return 2
        return (yield from self._pair(sides[0], sides[1], below=False))

    def _side(self, name: str) -> Side:
        if name == "-":
            return Side("-", self.process.fs.stat(".")._replace(st_mode=stat.S_IFIFO))
        return Side(name, self.process.fs.stat(name))

    def _pair(self, one: Side, two: Side, below: bool) -> "Generator[Waiting, None, int]":
        """Compare two files or directories; ``below`` (bool) says that they lie in compared directories."""
        request = self.request
        if one.is_directory or two.is_directory:
            if (one.state and not one.is_directory) or (two.state and not two.is_directory):
                yield from self._print(f"File {one.name} is a {one.kind} while file {two.name} is a {two.kind}\n")
                return 1
            if below and "r" not in request.wishes:
                yield from self._print(f"Common subdirectories: {one.name} and {two.name}\n")
                return 0
            return (yield from self._trees(one, two))
        try:
            for side in (one, two):
                side.data = yield from self._content(side)
        except OSError as error:
            yield from self.out.complain(f"{named(error.filename or '-')}: {error.strerror}")
            return 2
        if one.data == two.data:
            if "s" in request.wishes:
                yield from self._print(f"Files {one.name} and {two.name} are identical\n")
            return 0
        return (yield from self._files(one, two, below))

    def _content(self, side: Side) -> "Generator[Waiting, None, bytes]":
        if side.state is None:
            return b""
        fd = 0 if side.name == "-" else self.process.open(side.name, flags.O_RDONLY)
        data = yield from self.process.read_all(fd)
        if fd:
            self.process.close(fd)
        return data

    def _trees(self, one: Side, two: Side) -> "Generator[Waiting, None, int]":
        """Compare two directories name by name."""
        listed = []
        for side in (one, two):
            try:
                listed.append(set(self.process.fs.listdir(side.name)) if side.state else set())
            except OSError as error:
                yield from self.out.complain(f"{named(side.name)}: {error.strerror}")
                return 2
        status = 0
        for name in sorted(listed[0] | listed[1], key=encoded):
            here = [name in names for names in listed]
            if not all(here) and "N" not in self.request.wishes:
                place = (one if here[0] else two).name
                yield from self._print(f"Only in {place}: {name}\n")
                status = max(status, 1)
                continue
            sides = []
            for side, there in zip((one, two), here, strict=True):
                path = join(side.name, name)
                try:
                    sides.append(self._side(path) if there else Side(path, None))
                except OSError as error:
                    yield from self.out.complain(f"{named(path)}: {error.strerror}")
                    status = 2
            if len(sides) == 2:
                status = max(status, (yield from self._pair(sides[0], sides[1], below=True)))
        return status

    def _files(self, one: Side, two: Side, below: bool) -> "Generator[Waiting, None, int]":
        """Tell how two files differ that are not the same byte for byte."""
        wishes = self.request.wishes
        ignores = bool(wishes & {"i", "b", "w"})
        if "q" in wishes and not ignores:
            yield from self._print(f"Files {one.name} and {two.name} differ\n")
            return 1
        if "a" not in wishes and any(b"\0" in side.data for side in (one, two)):
            kind = "Files" if "q" in wishes else "Binary files"
            yield from self._print(f"{kind} {one.name} and {two.name} differ\n")
            return 1
        lines = [
            side.data.splitlines(keepends=True) if b"\r" not in side.data else _lines(side.data) for side in (one, two)
        ]
        keys = [[self.request.key(line) for line in part] for part in lines] if ignores else lines
        found = changes(keys[0], keys[1], max(0, self.request.context))
        if not found:
            if "s" in wishes:
                yield from self._print(f"Files {one.name} and {two.name} are identical\n")
            return 0
        if "q" in wishes:
            yield from self._print(f"Files {one.name} and {two.name} differ\n")
            return 1
        if below:
            yield from self._print(f"diff{self.request.switches} {named(one.name)} {named(two.name)}\n")
        if self.request.context < 0:
            yield from self._normal(found, lines[0], lines[1])
        else:
            yield from self._unified(found, one, two, lines[0], lines[1])
        return 1

    def _print(self, text: str) -> Steps:
        yield from self.out.print(text)

    def _lines(self, sign: bytes, lines: list[bytes]) -> Steps:
        for line in lines:
            yield from self.out.write(sign + (line if line.endswith(b"\n") else line + NO_NEWLINE))

    def _normal(self, found: list[Change], one: list[bytes], two: list[bytes]) -> Steps:
        for change in found:
            letter = "c" if change.deleted and change.inserted else "d" if change.deleted else "a"
            left, right = _place(change.start, change.deleted), _place(change.other_start, change.inserted)
            yield from self._print(f"{left}{letter}{right}\n")
            yield from self._lines(b"< ", one[change.start : change.start + change.deleted])
            if letter == "c":
                yield from self._print("---\n")
            yield from self._lines(b"> ", two[change.other_start : change.other_start + change.inserted])

    def _unified(self, found: list[Change], one: Side, two: Side, lines: list[bytes], others: list[bytes]) -> Steps:
        context = self.request.context
        for sign, side, label in zip(("---", "+++"), (one, two), [*self.request.labels, None, None][:2], strict=True):
            time = full(side.state.st_mtime_ns if side.state and side.name != "-" else 0)
            if side.name == "-" and label is None:
                time = full(self.process.space.clock())
            yield from self._print(f"{sign} {side.name}\t{time}\n" if label is None else f"{sign} {label}\n")
        for hunk in hunks(found, context):
            first, end = hunk[0], hunk[-1]
            start, other_start = max(0, first.start - context), max(0, first.other_start - context)
            stop = min(len(lines), end.start + end.deleted + context)
            other_stop = min(len(others), end.other_start + end.inserted + context)
            yield from self._print(f"@@ -{_range(start, stop)} +{_range(other_start, other_stop)} @@\n")
            at = start
            for change in hunk:
                yield from self._lines(b" ", lines[at : change.start])
                at = change.start + change.deleted
                yield from self._lines(b"-", lines[change.start : at])
                yield from self._lines(b"+", others[change.other_start : change.other_start + change.inserted])
            yield from self._lines(b" ", lines[at:stop])


def _lines(data: bytes) -> list[bytes]:
    parts = data.split(b"\n")
    return [part + b"\n" for part in parts[:-1]] + ([parts[-1]] if parts[-1] else [])


def _place(start: int, count: int) -> str:
    """Return lines as the normal form names them (str): the line before, if there are none."""
    if count == 0:
        return str(start)
    return str(start + 1) if count == 1 else f"{start + 1},{start + count}"


def _range(start: int, stop: int) -> str:
    """Return lines as the unified form names them (str)."""
    count = stop - start
    return f"{start + 1}" if count == 1 else f"{start + (count > 0)},{count}"
