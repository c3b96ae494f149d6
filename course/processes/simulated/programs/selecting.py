"""Programs that show one end of a file: head, tail."""

import stat
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from course.processes.simulated.process import Waiting
from course.processes.simulated.programs.amounts import amount
from course.processes.simulated.programs.buffering import CHUNK, Lines, Output, Steps, closed, opened
from course.processes.simulated.programs.quoting import quote, quoted
from course.processes.simulated.programs.registry import Usage, options, program
from course.processes.simulated.streams import FileStream
from course.union import flags

if TYPE_CHECKING:
    from course.processes.simulated.process import Process, Run

LONG = ["lines=", "bytes=", "quiet", "silent", "verbose", "zero-terminated"]
BUFSIZ = 8192  # bytes that head takes in one read


@dataclass
class Wish:
    """What is wanted of each file: ``count`` (int) lines or bytes; ``signed`` tells the other way to count.

    That is all but the last ``count`` for head, all from the ``count``-th on for tail.
    """

    count: int = 10
    signed: bool = False
    in_bytes: bool = False
    quiet: bool = False
    verbose: bool = False
    follow: bool = False
    end: bytes = b"\n"

    def number(self, value: str, sign: str, in_bytes: bool) -> None:
        """Set how much is wanted, as the option's value (str) says.  Raises Usage."""
        self.signed = value.startswith(sign)
        self.in_bytes = in_bytes
        value = value.removeprefix("-")
        count = amount(value)
        if count is None or count >= 2**64:
            reason = "" if count is None else ": Value too large for defined data type"
            raise Usage(f"invalid number of {'bytes' if in_bytes else 'lines'}: {quote(value)}{reason}", hint=False)
        self.count = count


def _wish(argv: list[str], sign: str, short: str, long: list[str]) -> tuple[Wish, list[str]]:
    wish, argv = Wish(), list(argv)
    first = argv[1] if len(argv) > 1 else ""
    old = first[:1] in ("-", sign) and first[1:2].isdecimal()
    old = old and (sign == "-" or len([word for word in argv[2:] if word != "--"]) < 2)
    if old:
        letters = first.lstrip("+-0123456789")
        digits = first[1 : len(first) - len(letters)]
        kind = next((letter for letter in letters if letter in "cbkm"), "")
        value = ("+" if first[0] == "+" else "") + digits + kind.replace("c", "")
        wish.number(value, sign, in_bytes=bool(kind))
        wish.quiet, wish.verbose, wish.follow = "q" in letters, "v" in letters, "f" in letters
        del argv[1]
    found, names = options(argv, short + "0123456789", long)
    for option, value in found:
        if option[1:].isdecimal():
            if sign == "+":
                raise Usage(f"option used in invalid context -- {option[1]}", hint=False)
            raise Usage(f"invalid trailing option -- {option[1]}")
        if option in ("-n", "--lines", "-c", "--bytes"):
            wish.number(value, sign, option in ("-c", "--bytes"))
        elif option in ("-q", "--quiet", "--silent"):
            wish.quiet, wish.verbose = True, False
        elif option in ("-v", "--verbose"):
            wish.quiet, wish.verbose = False, True
        elif option in ("-z", "--zero-terminated"):
            wish.end = b"\0"
        elif option in ("-f", "--follow"):
            wish.follow = True
    return wish, names or ["-"]


def _each(process: "Process", wish: Wish, names: list[str], out: Output, show: "Callable[[int, str], Steps]") -> "Run":
    """Show each file under its header, and return the exit status."""
    status, headers = 0, 0
    for name in names:
        shown = "standard input" if name == "-" else name
        try:
            fd = opened(process, name)
        except OSError as error:
            yield from out.complain(f"cannot open {quoted(name)} for reading: {error.strerror}")
            status = 1
            continue
        if wish.verbose or (len(names) > 1 and not wish.quiet):
            yield from out.print(("\n" if headers else "") + f"==> {shown} <==\n")
            headers += 1
        try:
            yield from show(fd, shown)
        except OSError as error:
            yield from out.complain(f"error reading {quoted(shown)}: {error.strerror}")
            status = 1
        if not wish.follow:
            closed(process, fd)
    yield from out.flush()
    return status


@program("head")
def head(process: "Process", argv: list[str]) -> "Run":
    """Write the first part of files (head(1))."""
    wish, names = _wish(argv, "-", "n:c:qvz", LONG)
    out = Output(process)
    if wish.signed:
        return (yield from _each(process, wish, names, out, lambda fd, _: _all_but_last(process, wish, fd, out)))
    return (yield from _each(process, wish, names, out, lambda fd, _: _first(process, wish, fd, out)))


def _first(process: "Process", wish: Wish, fd: int, out: Output) -> Steps:
    left = wish.count
    while left:
        data = yield from process.read(fd, min(left, BUFSIZ) if wish.in_bytes else BUFSIZ)
        if not data:
            break
        used = data
        if wish.in_bytes:
            left -= len(data)
        elif data.count(wish.end) < left:
            left -= data.count(wish.end)
        else:
            pieces = data.split(wish.end, left)
            used, left = data[: len(data) - len(pieces[-1])], 0
            _give_back(process, fd, len(pieces[-1]))
        yield from out.write(used)


def _give_back(process: "Process", fd: int, count: int) -> None:
    """Let whoever reads a file next begin after the last line that was used."""
    stream = process.stream(fd)
    if count and isinstance(stream, FileStream) and stat.S_ISREG(stream.mode()):
        stream.seek(-count, flags.SEEK_CUR)


def _all_but_last(process: "Process", wish: Wish, fd: int, out: Output) -> Steps:
    if wish.in_bytes:
        data = yield from process.read_all(fd)
        yield from out.write(data[: max(0, len(data) - wish.count)])
        return
    held: deque[bytes] = deque()
    lines = Lines(process, fd, wish.end)
    while line := (yield from lines.next()):
        held.append(line)
        if len(held) > wish.count:
            yield from out.write(held.popleft())


@program("tail")
def tail(process: "Process", argv: list[str]) -> "Run":
    """Write the last part of files, and with -f what is added to them (tail(1))."""
    wish, names = _wish(argv, "+", "n:c:qvzfs:F", [*LONG, "follow=?", "sleep-interval=", "retry"])
    out = Output(process)
    followed: dict[int, str] = {}

    def show(fd: int, name: str) -> Steps:
        followed[fd] = name
        data = yield from process.read_all(fd)
        yield from out.write(_last(wish, data))

    status = yield from _each(process, wish, names, out, show)
    if wish.follow:
        yield from _follow(process, followed, out, headers=len(names) > 1 and not wish.quiet)
    return status


def _last(wish: Wish, data: bytes) -> bytes:
    """Return the end (bytes) of ``data`` (bytes) that is wanted."""
    if wish.in_bytes:
        return data[max(0, wish.count - 1) :] if wish.signed else data[max(0, len(data) - wish.count) :]
    lines = data.split(wish.end)
    last = lines.pop()
    lines = [line + wish.end for line in lines] + ([last] if last else [])
    return b"".join(lines[max(0, wish.count - 1) :] if wish.signed else lines[max(0, len(lines) - wish.count) :])


def _follow(process: "Process", followed: dict[int, str], out: Output, headers: bool) -> Steps:
    """Write what is added to the files (dict of descriptor to name), for ever."""
    last = list(followed)[-1:]
    while followed:
        for fd in followed:
            data = yield from process.read(fd, CHUNK)
            while data:
                if headers and last != [fd]:
                    yield from out.print(f"\n==> {followed[fd]} <==\n")
                    last = [fd]
                yield from out.write(data)
                data = yield from process.read(fd, CHUNK)
        yield from out.flush()
        yield Waiting(lambda: any(_grew(process, fd) for fd in followed), reason="a file to grow")


def _grew(process: "Process", fd: int) -> bool:
    stream = process.stream(fd)
    if isinstance(stream, FileStream):
        return stream.file.stat().st_size > stream.seek(0, flags.SEEK_CUR)
    return stream.readable()
