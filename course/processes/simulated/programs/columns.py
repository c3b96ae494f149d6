"""Programs about the parts of lines: cut, paste."""

import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from course.processes.simulated.programs.buffering import Lines, Output, closed, encoded, opened
from course.processes.simulated.programs.quoting import escaped, named, quote
from course.processes.simulated.programs.registry import Usage, options, program

if TYPE_CHECKING:
    from course.processes.simulated.process import Process, Run

END = 2**64 - 1  # a range that is open to the right
LISTS = {"bytes": "b", "characters": "c", "fields": "f"}
CUT_LONG = {**LISTS, "delimiter": "d", "only-delimited": "s", "output-delimiter": "o", "zero-terminated": "z"}
PASTE_ESCAPES = {"0": "", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


def ranges(text: str, fields: bool) -> list[tuple[int, int]]:
    """Return the ranges (list of pairs of int, sorted, overlaps merged) of a list (str) such as ``1,3-5,7-``.

    ``fields`` says what is counted: fields, or bytes.  Raises Usage.

    >>> ranges("7-,1,3-5,4", fields=True)
    [(1, 1), (3, 5), (7, 18446744073709551615)]
    """
    found: list[tuple[int, int]] = []
    for part in re.finditer(r"([^, \t]*)([, \t]|$)", text):
        low, dash, high = part[1].partition("-")
        bad = re.search(r"[^\d, \t-]", text)
        if bad and bad.start() < part.end(1):
            unknown = "field value" if fields else "byte/character position"
            raise Usage(f"invalid {unknown} {quote(text[bad.start() :])}")
        if "-" in high:
            raise Usage("invalid field range" if fields else "invalid byte or character range")
        if part[1] == "-":
            raise Usage("invalid range with no endpoint: -")
        for number in (low, high):
            if number and int(number) >= END:
                raise Usage(f"{'field number' if fields else 'byte/character offset'} {quote(number)} is too large")
        first, last = int(low or bool(dash)), int(high or (END if dash else low or 0))
        if first == 0:
            raise Usage(f"{'fields' if fields else 'byte/character positions'} are numbered from 1")
        if last < first:
            raise Usage("invalid decreasing range")
        found.append((first, last))
        if part.end() == len(text) and not part[2]:
            break
    merged: list[tuple[int, int]] = []
    for first, last in sorted(found):
        if merged and first <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(last, merged[-1][1])
        else:
            merged.append((first, last))
    return merged


def complement(chosen: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the ranges (list of pairs of int) that are not in ``chosen`` (sorted, not overlapping).

    >>> complement([(2, 3), (5, 18446744073709551615)])
    [(1, 1), (4, 4)]
    """
    left, start = [], 1
    for first, last in chosen:
        if start < first:
            left.append((start, first - 1))
        start = last + 1
    return left if start > END else [*left, (start, END)]


@program("cut")
def cut(process: "Process", argv: list[str]) -> "Run":
    """Write parts of each line (cut(1))."""
    long = [name if letter in "sz" else f"{name}=" for name, letter in CUT_LONG.items()]
    found, names = options(argv, "b:c:f:d:nsz", [*long, "complement"])
    chosen: dict[str, str] = {}
    for option, value in found:
        letter = CUT_LONG.get(option[2:], option.lstrip("-"))
        if letter in "bcf" and set("bcf") & chosen.keys():
            raise Usage("only one list may be specified")
        if letter == "d" and len(encoded(value)) > 1:
            raise Usage("the delimiter must be a single character")
        chosen[letter] = value
    kind = next((letter for letter in "bcf" if letter in chosen), "")
    if not kind:
        raise Usage("you must specify a list of bytes, characters, or fields")
    if kind != "f" and "d" in chosen:
        raise Usage("an input delimiter may be specified only when operating on fields")
    if kind != "f" and "s" in chosen:
        raise Usage("suppressing non-delimited lines makes sense\n\tonly when operating on fields")
    wanted = ranges(chosen[kind], kind == "f")
    if "complement" in chosen:
        wanted = complement(wanted)
    choose = _field_chooser(wanted, chosen) if kind == "f" else _byte_chooser(wanted, chosen)
    return (yield from _cut(process, names or ["-"], choose, b"\0" if "z" in chosen else b"\n"))


def _cut(process: "Process", names: list[str], choose: Callable[[bytes], bytes | None], end: bytes) -> "Run":
    out, status = Output(process), 0
    for name in names:
        try:
            fd = opened(process, name)
            lines = Lines(process, fd, end)
            while line := (yield from lines.next()):
                part = choose(line.removesuffix(end))
                if part is not None:
                    yield from out.write(part + end)
            closed(process, fd)
        except OSError as error:
            yield from out.complain(f"{named(name)}: {error.strerror}")
            status = 1
    yield from out.flush()
    return status


def _field_chooser(wanted: list[tuple[int, int]], chosen: dict[str, str]) -> Callable[[bytes], bytes | None]:
    delimiter = encoded(chosen.get("d", "\t")) or b"\0"
    between = encoded(chosen["o"]) or b"\0" if "o" in chosen else delimiter

    def choose(line: bytes) -> bytes | None:
        fields = line.split(delimiter)
        if len(fields) == 1:
            return None if "s" in chosen else line
        return between.join(field for first, last in wanted for field in fields[first - 1 : last])

    return choose


def _byte_chooser(wanted: list[tuple[int, int]], chosen: dict[str, str]) -> Callable[[bytes], bytes | None]:
    between = encoded(chosen.get("o", ""))

    def choose(line: bytes) -> bytes | None:
        return between.join(line[first - 1 : last] for first, last in wanted if len(line) >= first)

    return choose


@program("paste")
def paste(process: "Process", argv: list[str]) -> "Run":
    """Join the lines of files side by side (paste(1))."""
    found, names = options(argv, "d:sz", ["delimiters=", "serial", "zero-terminated"])
    chosen = {option.lstrip("-")[0]: value for option, value in found}
    end = b"\0" if "z" in chosen else b"\n"
    delimiters = _delimiters(chosen.get("d", "\t"))
    out, status = Output(process), 0
    if "s" in chosen:
        for name in names or ["-"]:
            try:
                fd = opened(process, name)
                data = yield from process.read_all(fd)
            except OSError as error:
                yield from out.complain(f"{named(name)}: {error.strerror}")
                status = 1
                continue
            closed(process, fd)
            yield from out.write(_joined(data.removesuffix(end).split(end), delimiters) + end)
    else:
        sources: list[Lines | None] = []
        try:
            for name in names or ["-"]:
                sources.append(Lines(process, opened(process, name), end))
        except OSError as error:
            raise Usage(f"{named(error.filename)}: {error.strerror}", hint=False) from None
        shared = next((source for source in sources if source and source.fd == 0), None)
        sources = [shared if source and source.fd == 0 else source for source in sources]
        while True:
            parts = []
            for place, source in enumerate(sources):
                line = b""
                try:
                    line = (yield from source.next()) if source else b""
                except OSError as error:
                    yield from out.complain(f"{named((names or ['-'])[place])}: {error.strerror}")
                    status = 1
                if not line:
                    sources[place] = None
                parts.append(line.removesuffix(end))
            if not any(sources):
                break
            yield from out.write(_joined(parts, delimiters) + end)
    yield from out.flush()
    return status


def _joined(parts: list[bytes], delimiters: list[bytes]) -> bytes:
    line = parts[0]
    for place, part in enumerate(parts[1:]):
        line += delimiters[place % len(delimiters)] + part
    return line


def _delimiters(text: str) -> list[bytes]:
    if re.fullmatch(r"(?:[^\\]|\\.)*\\", text):
        raise Usage(f"delimiter list ends with an unescaped backslash: {escaped(text)[:-1]}", hint=False)
    found = [PASTE_ESCAPES.get(two[1:], two[1:]) if two[0] == "\\" else two for two in re.findall(r"(?s)\\?.", text)]
    return [encoded(delimiter) for delimiter in found] or [b""]
