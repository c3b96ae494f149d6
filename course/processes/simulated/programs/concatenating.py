"""Programs that pass files on as they are, or nearly: cat, tac, rev, tee."""

from typing import TYPE_CHECKING

from course.processes.simulated.programs.buffering import CHUNK, Lines, Output, Steps, closed, encoded, opened
from course.processes.simulated.programs.quoting import named, quoted
from course.processes.simulated.programs.registry import options, program
from course.processes.simulated.streams import FileStream
from course.union import flags

if TYPE_CHECKING:
    from course.processes.simulated.process import Process, Run

SHOWN = {byte: bytes([byte]) for byte in range(32, 127)}  # cat -v: each byte, printable
SHOWN |= {byte: b"^" + bytes([byte ^ 64]) for byte in (*range(32), 127)}
SHOWN |= {byte + 128: b"M-" + shown for byte, shown in list(SHOWN.items())}
CAT_LONG = {
    "show-all": "vET",
    "number-nonblank": "b",
    "show-ends": "E",
    "number": "n",
    "squeeze-blank": "s",
    "show-tabs": "T",
    "show-nonprinting": "v",
}
CAT_SHORT = {"A": "vET", "e": "vE", "t": "vT", "u": ""}


class Dressing:
    """What cat adds to lines: ``wishes`` is a set of the letters b, E, n, s, T, v.  It goes on from file to file."""

    def __init__(self, wishes: set[str]) -> None:
        self.wishes = wishes
        self.number = 0
        self.blanks = 0
        self.at_start = True
        keep = {} if "v" in wishes else {byte: bytes([byte]) for byte in range(256)}
        self.shown = {**SHOWN, **keep, 9: b"^I" if "T" in wishes else b"\t", 10: b"\n"}

    def line(self, line: bytes) -> bytes:
        """Return a line (bytes, perhaps without a newline) as cat shows it (bytes)."""
        wishes, dressed = self.wishes, b""
        if self.at_start:
            blank = line == b"\n"
            self.blanks = self.blanks + 1 if blank else 0
            if "s" in wishes and self.blanks > 1:
                return b""
            if ("n" in wishes and "b" not in wishes) or ("b" in wishes and not blank):
                self.number += 1
                dressed = b"%6d\t" % self.number
        self.at_start = line.endswith(b"\n")
        content = line.removesuffix(b"\n")
        if wishes & {"v", "T"}:
            content = b"".join(map(self.shown.__getitem__, content))
        if "E" in wishes and self.at_start:
            if content.endswith(b"\r"):
                content = content[:-1] + b"^M"
            return dressed + content + b"$\n"
        return dressed + content + line[len(line.removesuffix(b"\n")) :]


@program("cat")
def cat(process: "Process", argv: list[str]) -> "Run":
    """Concatenate files to standard output (cat(1))."""
    found, names = options(argv, "AbeEnstTuv", CAT_LONG)
    wishes = {w for option, _ in found for w in (CAT_LONG.get(option[2:]) or CAT_SHORT.get(option[1:], option[1:]))}
    dressing, out, status = Dressing(wishes) if wishes else None, Output(process), 0
    for name in names or ["-"]:
        try:
            fd = opened(process, name)
        except OSError as error:
            yield from out.complain(f"{named(name)}: {error.strerror}")
            status = 1
            continue
        if _is_output(process, fd):
            yield from out.complain(f"{named(name)}: input file is output file")
            status = 1
        else:
            try:
                yield from _pass_on(process, fd, out, dressing)
            except OSError as error:
                yield from out.complain(f"{named(name)}: {error.strerror}")
                status = 1
        closed(process, fd)
    yield from out.flush()
    return status


def _is_output(process: "Process", fd: int) -> bool:
    """Tell whether a file that has something left to read is the one that is written to."""
    source, target = process.stream(fd), process.fds.get(1)
    if not isinstance(source, FileStream) or not isinstance(target, FileStream):
        return False
    here, there = source.file.stat(), target.file.stat()
    same = (here.st_dev, here.st_ino) == (there.st_dev, there.st_ino) and here.st_mode & 0o170000 == 0o100000
    return same and source.seek(0, flags.SEEK_CUR) < here.st_size


def _pass_on(process: "Process", fd: int, out: Output, dressing: Dressing | None) -> Steps:
    if dressing is None:
        while data := (yield from process.read(fd, CHUNK)):
            yield from out.write(data)
            yield from out.flush()
        return
    lines = Lines(process, fd)
    while line := (yield from lines.next()):
        yield from out.write(dressing.line(line))


@program("tac")
def tac(process: "Process", argv: list[str]) -> "Run":
    """Write files with their lines in reverse order (tac(1))."""
    found, names = options(argv, "bs:", ["before", "separator="])
    chosen = dict(found)
    separator = encoded(chosen.get("-s", chosen.get("--separator", "\n"))) or b"\0"
    before = "-b" in chosen or "--before" in chosen
    out, status = Output(process), 0
    for name in names or ["-"]:
        message = "failed to open {} for reading: {}"
        try:
            fd = opened(process, name)
            message = "{}: read error: {}"
            data = yield from process.read_all(fd)
        except OSError as error:
            shown = quoted(name) if message.startswith("failed") else named(name)
            yield from out.complain(message.format(shown, error.strerror))
            status = 1
            continue
        closed(process, fd)
        pieces = data.split(separator)
        if before:
            records = [pieces[0], *(separator + piece for piece in pieces[1:])]
        else:
            records = [*(piece + separator for piece in pieces[:-1]), pieces[-1]]
        yield from out.write(b"".join(reversed(records)))
    yield from out.flush()
    return status


@program("rev")
def rev(process: "Process", argv: list[str]) -> "Run":
    """Write each line backwards (rev(1) of util-linux)."""
    _, names = options(argv, "")
    out, status = Output(process), 0
    for name in names or ["-"]:
        try:
            fd = opened(process, name)
        except OSError as error:
            yield from out.complain(f"cannot open {name}: {error.strerror}")
            status = 1
            continue
        lines, number = Lines(process, fd), 0
        try:
            while line := (yield from lines.next()):
                content = line.removesuffix(b"\n")
                yield from out.write(content[::-1] + line[len(content) :])
                number += 1
        except OSError as error:
            yield from out.complain(f"{name}: {number}: {error.strerror}")
            status = 1
        closed(process, fd)
    yield from out.flush()
    return status


@program("tee")
def tee(process: "Process", argv: list[str]) -> "Run":
    """Copy standard input to standard output and to files (tee(1))."""
    found, names = options(argv, "aip", ["append", "ignore-interrupts", "output-error=?"])
    append = any(option in ("-a", "--append") for option, _ in found)
    how = flags.O_APPEND if append else flags.O_TRUNC
    targets, status = {1: "standard output"}, 0
    for name in names:
        try:
            targets[process.open(name, flags.O_WRONLY | flags.O_CREAT | how)] = name
        except OSError as error:
            yield from process.complain(f"{argv[0]}: {named(name)}: {error.strerror}")
            status = 1
    try:
        while targets and (data := (yield from process.read(0, CHUNK))):
            for fd, name in list(targets.items()):
                try:
                    yield from process.write(fd, data)
                except OSError as error:
                    yield from process.complain(f"{argv[0]}: {quoted(name)}: {error.strerror}")
                    del targets[fd]
                    status = 1
    except OSError as error:
        yield from process.complain(f"{argv[0]}: read error: {error.strerror}")
        status = 1
    return status
