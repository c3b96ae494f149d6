"""Programs that count: wc, nl."""

import re
import stat
from typing import TYPE_CHECKING

from course.processes.simulated.programs.buffering import CHUNK, Lines, Output, Steps, closed, encoded, opened
from course.processes.simulated.programs.quoting import named, quote
from course.processes.simulated.programs.registry import Usage, options, program
from course.processes.simulated.programs.regular_expressions import BadPattern, Pattern
from course.processes.simulated.streams import FileStream

if TYPE_CHECKING:
    from collections.abc import Generator

    from course.processes.simulated.process import Process, Run, Waiting

KINDS = "lwmcL"  # the order in which wc prints
WC_LONG = {"lines": "l", "words": "w", "chars": "m", "bytes": "c", "max-line-length": "L"}
NOT_PRINTABLE = bytes(byte for byte in range(256) if not (32 <= byte < 127 or 9 <= byte <= 13))


class Counts:
    """Counts of one file or of all: ``numbers`` maps each kind (str, of KINDS) to its number (int)."""

    def __init__(self) -> None:
        self.numbers = dict.fromkeys(KINDS, 0)

    def add(self, other: "Counts") -> None:
        """Add the counts of another file; of line lengths, the longest stays."""
        for kind in KINDS[:-1]:
            self.numbers[kind] += other.numbers[kind]
        self.numbers["L"] = max(self.numbers["L"], other.numbers["L"])


@program("wc")
def wc(process: "Process", argv: list[str]) -> "Run":
    """Count lines, words and bytes (wc(1)); a word has a printable character, as in the C locale."""
    found, names = options(argv, KINDS, WC_LONG)
    kinds = {WC_LONG.get(option.lstrip("-"), option[1:]) for option, _ in found} or set("lwc")
    width = _width(process, names or ["-"], len(kinds))
    out, total, status = Output(process), Counts(), 0

    def line(counts: Counts, name: str) -> Steps:
        numbers = " ".join(f"{counts.numbers[kind]:{width}}" for kind in KINDS if kind in kinds)
        yield from out.print(f"{numbers} {name}\n" if name else f"{numbers}\n")

    for name in names or ["-"]:
        counts = Counts()
        try:
            fd = opened(process, name)
        except OSError as error:
            yield from out.complain(f"{named(name)}: {error.strerror}")
            status = 1
            continue
        try:
            yield from _count(process, fd, counts, whole_lines="L" in kinds)
        except OSError as error:
            yield from out.complain(f"{named(name)}: {error.strerror}")
            status = 1
        closed(process, fd)
        yield from line(counts, (named(name) if "\n" in name else name) if names else "")
        total.add(counts)
    if len(names) > 1:
        yield from line(total, "total")
    yield from out.flush()
    return status


def _count(process: "Process", fd: int, counts: Counts, whole_lines: bool) -> "Generator[Waiting, None, None]":
    numbers, in_word = counts.numbers, False
    lines = Lines(process, fd)
    while data := (yield from lines.next() if whole_lines else process.read(fd, CHUNK)):
        numbers["l"] += data.count(b"\n")
        numbers["m"] += len(data)
        printable = data.translate(None, NOT_PRINTABLE)
        if printable:
            numbers["w"] += len(printable.split()) - (in_word and not printable[:1].isspace())
            in_word = not printable[-1:].isspace()
        if whole_lines:
            numbers["L"] = max(numbers["L"], _length(printable))
    numbers["c"] = numbers["m"]


def _length(line: bytes) -> int:
    """Return how many columns a line (bytes) takes; a form feed or carriage return begins anew."""
    return max(len(part.replace(b"\v", b"").rstrip(b"\n").expandtabs()) for part in re.split(b"[\r\f]", line))


def _width(process: "Process", names: list[str], kinds: int) -> int:
    """Return the width of the numbers (int): that of the files' whole size, at least 7 where one is no regular file."""
    if len(names) == 1 and kinds == 1:
        return 1
    width, total = 1, 0
    for name in names:
        try:
            if name == "-":
                stream = process.stream(0)
                mode, size = stream.mode(), stream.file.stat().st_size if isinstance(stream, FileStream) else 0
            else:
                state = process.fs.stat(name)
                mode, size = state.st_mode, state.st_size
        except OSError:
            continue
        if stat.S_ISREG(mode):
            total += size
        else:
            width = 7
    return max(width, len(str(total)))


NL_LONG = {
    "body-numbering=": "-b",
    "header-numbering=": "-h",
    "footer-numbering=": "-f",
    "number-width=": "-w",
    "number-separator=": "-s",
    "number-format=": "-n",
    "starting-line-number=": "-v",
    "line-increment=": "-i",
    "no-renumber": "-p",
}
FORMATS = {"ln": "{:<{}}", "rn": "{:>{}}", "rz": "{:0>{}}"}
SECTIONS = {b"\\:\\:\\:": "-h", b"\\:\\:": "-b", b"\\:": "-f"}


@program("nl")
def nl(process: "Process", argv: list[str]) -> "Run":
    """Number the lines of files (nl(1)); -l and -d are not there."""
    found, names = options(argv, "b:h:f:w:s:n:v:i:p", NL_LONG)
    chosen = {"-b": "t", "-h": "n", "-f": "n", "-w": "6", "-s": "\t", "-n": "rn", "-v": "1", "-i": "1"}
    chosen.update((NL_LONG.get(o[2:] + "=", NL_LONG.get(o[2:], o)), value) for o, value in found)
    for option, what in (
        ("-v", "starting line number"),
        ("-i", "line number increment"),
        ("-w", "line number field width"),
    ):
        if not re.fullmatch(r"[+-]?\d+", chosen[option]) or (option == "-w" and int(chosen[option]) < 1):
            reason = ": Numerical result out of range" if chosen[option] == "0" else ""
            raise Usage(f"invalid {what}: {quote(chosen[option])}{reason}", hint=False)
    if chosen["-n"] not in FORMATS:
        raise Usage(f"invalid line numbering format: {quote(chosen['-n'])}")
    styles = {option: _style(chosen[option], option) for option in ("-b", "-h", "-f")}
    out, status, section, number = Output(process), 0, "-b", int(chosen["-v"])
    for name in names or ["-"]:
        try:
            fd = opened(process, name)
            lines = Lines(process, fd)
            while line := (yield from lines.next()):
                content = line.removesuffix(b"\n")
                if content in SECTIONS:
                    section = SECTIONS[content]
                    number = number if "-p" in chosen else int(chosen["-v"])
                    yield from out.write(b"\n")
                elif styles[section].search(content):
                    label = FORMATS[chosen["-n"]].format(number, int(chosen["-w"]))
                    yield from out.write(encoded(label + chosen["-s"]) + content + b"\n")
                    number += int(chosen["-i"])
                else:
                    yield from out.write(b" " * (int(chosen["-w"]) + len(encoded(chosen["-s"]))) + content + b"\n")
            closed(process, fd)
        except OSError as error:
            yield from out.complain(f"{named(name)}: {error.strerror}")
            status = 1
    yield from out.flush()
    return status


def _style(style: str, option: str) -> Pattern:
    """Return the expression (Pattern) that the lines to be numbered match: ``a`` all, ``t`` non-empty, ``n`` none."""
    try:
        if style[:1] == "p":
            return Pattern(style[1:], extended=False)
        if style in ("a", "t", "n"):
            return Pattern({"a": "", "t": ".", "n": "x\\`x"}[style], extended=False)
    except BadPattern as error:
        raise Usage(str(error), hint=False) from None
    where = {"-b": "body", "-h": "header", "-f": "footer"}[option]
    raise Usage(f"invalid {where} numbering style: {quote(style)}")
