"""grep: lines that match a pattern."""

import re
import stat
from collections import deque
from typing import TYPE_CHECKING

from course.processes.simulated.programs.buffering import (
    Lines,
    Output,
    Steps,
    closed,
    contents,
    decoded,
    encoded,
    opened,
)
from course.processes.simulated.programs.registry import Usage, program
from course.processes.simulated.programs.regular_expressions import BadPattern, Pattern
from course.processes.simulated.programs.searching import USAGE, Request, files, read_options
from course.processes.simulated.streams import FileStream
from course.union import flags

if TYPE_CHECKING:
    from collections.abc import Generator

    from course.processes.simulated.process import Process, Run, Waiting

NULL = (1, 3)  # the device /dev/null


class Matcher:
    """All patterns of one command, as one: the leftmost match counts, and the longest of those."""

    def __init__(self, patterns: list[Pattern]) -> None:
        self.patterns = patterns

    def search(self, line: bytes, start: int = 0) -> re.Match[bytes] | None:
        """Return the match in ``line`` (bytes) from ``start`` (int) on, or None."""
        found = [match for pattern in self.patterns if (match := pattern.search(line, start))]
        return min(found, key=lambda match: (match.start(), -match.end()), default=None)


@program("grep", usage_status=2)
def grep(process: "Process", argv: list[str]) -> "Run":
    """Print lines that match a pattern (grep(1)); Perl's expressions (-P) and colours are not there."""
    try:
        request = read_options(argv)
    except Usage as error:
        message = [f"grep: {error}"] if str(error) else []
        yield from process.complain("\n".join(message + [USAGE] * error.hint))
        return 2
    matcher = Matcher((yield from _patterns(process, request)))
    for pattern in matcher.patterns:
        for warning in pattern.warnings:
            yield from process.complain(f"grep: warning: {warning}")
    search, selected, failed = Search(process, request, matcher), False, False
    for file in files(process, request, implied=request.names == ["."] and "." not in argv):
        try:
            if isinstance(file, OSError):
                raise file
            selected = (yield from search.file(*file)) or selected
        except OSError as error:
            failed = True
            if "s" not in request.wishes:
                yield from search.out.complain(f"{error.filename}: {error.strerror}")
        if selected and "q" in request.wishes:
            return 0
    yield from search.out.flush()
    return 2 if failed or search.failed else 0 if selected else 1


def _patterns(process: "Process", request: Request) -> "Generator[Waiting, None, list[Pattern]]":
    lines: list[str] = []
    for letter, value in request.patterns:
        if letter == "e":
            lines += value.split("\n")
        else:
            data = yield from contents(process, value)
            lines += decoded(data.removesuffix(b"\n")).split("\n") if data else []
    how = {"extended": request.matcher == "E", "fixed": request.matcher == "F", "ignore_case": "i" in request.wishes}
    try:
        return [Pattern(line, **how, within=request.around) for line in lines]
    except BadPattern as error:
        raise Usage(str(error), hint=False) from None


class Search:
    """A search of ``process`` (Process) in one file after another."""

    def __init__(self, process: "Process", request: Request, matcher: Matcher) -> None:
        self.process, self.request, self.matcher = process, request, matcher
        self.out = Output(process)
        self.wishes = request.wishes
        self.first_only = bool(request.wishes & set("qlL")) or _is_null(process)
        self.shows_lines = not self.first_only and "c" not in request.wishes
        self.separates = request.before >= 0 or request.after >= 0
        self.printed_any = False
        self.failed = False

    def file(self, name: str, descended: bool) -> "Generator[Waiting, None, bool]":
        """Search one file and return whether a line was selected (bool).  Raises OSError."""
        request, wishes = self.request, self.wishes
        if request.chosen.get("d") == "skip" and name != "-" and stat.S_ISDIR(self.process.fs.stat(name).st_mode):
            return False
        fd = opened(self.process, name)
        shown = request.chosen.get("label", "(standard input)") if name == "-" else name
        if self._is_output(fd):
            yield from self.out.complain(f"{shown}: input file is also the output")
            self.failed = True
            count = 0
        else:
            try:
                count = yield from self._search(fd, shown, request.wants_name(descended))
            except OSError as error:
                raise OSError(error.errno, error.strerror, shown) from None
        closed(self.process, fd)
        prefix = encoded(shown) + (b"\0" if "Z" in wishes else b"")
        if "q" in wishes:
            return bool(count)
        if "c" in wishes and not wishes & {"l", "L"}:
            label = prefix + (b"" if "Z" in wishes else b":") if request.wants_name(descended) else b""
            yield from self.out.write(label + b"%d\n" % count)
        if ("l" in wishes and count) or ("L" in wishes and not count):
            yield from self.out.write(prefix + (b"" if "Z" in wishes else b"\n"))
        return bool(count)

    def _is_output(self, fd: int) -> bool:
        source, target = self.process.stream(fd), self.process.fds.get(1)
        if not self.shows_lines or not isinstance(source, FileStream) or not isinstance(target, FileStream):
            return False
        here, there = source.file.stat(), target.file.stat()
        same = (here.st_dev, here.st_ino) == (there.st_dev, there.st_ino)
        return same and stat.S_ISREG(here.st_mode) and self.request.most not in (0, 1)

    def _search(self, fd: int, shown: str, with_name: bool) -> "Generator[Waiting, None, int]":
        """Search what comes from ``fd`` (int) and return the number of selected lines (int)."""
        request, wishes, search = self.request, self.wishes, self.matcher.search
        end = b"\0" if "z" in wishes else b"\n"
        lines, report = Lines(self.process, fd, end), Report(self, shown, with_name, end)
        count, inverted = 0, "v" in wishes
        while count != request.most and (line := (yield from lines.next())):
            content = line.removesuffix(end)
            if bool(search(content)) != inverted:
                count += 1
                if self.shows_lines:
                    if b"\0" in lines.held and "a" not in wishes and end == b"\n":
                        if "I" not in wishes:
                            yield from self.out.complain(f"{shown}: binary file matches")
                        return count if "I" not in wishes else 0
                    yield from report.selected(content)
                if self.first_only:
                    break
            elif self.shows_lines:
                yield from report.other(content)
        if count == request.most:
            self._leave_at(fd, len(lines.held) - lines.at)
            while report.left > 0 and (line := (yield from lines.next())):
                yield from report.other(line.removesuffix(end))
        return count

    def _leave_at(self, fd: int, unread: int) -> None:
        """Let whoever reads standard input next begin after the last selected line."""
        stream = self.process.stream(fd)
        if fd == 0 and isinstance(stream, FileStream) and stat.S_ISREG(stream.mode()):
            stream.seek(-unread, flags.SEEK_CUR)


def _is_null(process: "Process") -> bool:
    """Tell whether nobody will see the output: then each file's first match is all that counts."""
    stream = process.fds.get(1)
    if not isinstance(stream, FileStream):
        return False
    state = stream.file.stat()
    return stat.S_ISCHR(state.st_mode) and state.st_rdev == NULL


class Report:
    """The lines of one file that are printed, with their context."""

    def __init__(self, search: Search, shown: str, with_name: bool, end: bytes) -> None:
        self.search, self.end = search, end
        self.wishes, self.request = search.wishes, search.request
        self.name = encoded(shown) if with_name else b""
        self.number = 0
        self.offset = 0
        self.held: deque[tuple[int, int, bytes]] = deque(maxlen=max(0, self.request.before))
        self.left = 0  # lines of context to come
        self.last = 0  # the number of the last line that was printed

    def selected(self, line: bytes) -> Steps:
        """Print a selected line (bytes, without its end), after its context."""
        self.number += 1
        first = self.held[0][0] if self.held else self.number
        search = self.search
        if search.separates and search.printed_any and (self.last == 0 or first != self.last + 1):
            yield from search.out.write(b"--\n")
        while self.held:
            yield from self._print(*self.held.popleft(), b"-")
        if "o" not in self.wishes:
            yield from self._print(self.number, self.offset, line, b":")
        elif "v" not in self.wishes:
            yield from self._parts(line)
        search.printed_any = True
        self.last, self.left = self.number, max(0, self.request.after)
        self.offset += len(line) + 1

    def other(self, line: bytes) -> Steps:
        """Print a line (bytes) that was not selected, if it is context; else remember it."""
        self.number += 1
        if self.left:
            self.left -= 1
            yield from self._print(self.number, self.offset, line, b"-")
            self.last = self.number
        else:
            self.held.append((self.number, self.offset, line))
        self.offset += len(line) + 1

    def _parts(self, line: bytes) -> Steps:
        at = 0
        while at <= len(line) and (match := self.search.matcher.search(line, at)):
            if match.end() > match.start():
                yield from self._print(self.number, self.offset + match.start(), match.group(), b":", part=True)
            at = match.end() if match.end() > match.start() else match.end() + 1

    def _print(self, number: int, offset: int, text: bytes, sign: bytes, part: bool = False) -> Steps:
        if "o" in self.wishes and not part:
            return
        label = self.name + (b"\0" if "Z" in self.wishes else sign) if self.name else b""
        if "n" in self.wishes:
            label += b"%d" % number + sign
        if "b" in self.wishes:
            label += b"%d" % offset + sign
        yield from self.search.out.write(label + text + self.end)
