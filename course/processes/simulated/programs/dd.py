"""dd: copies in blocks, from one place of a file to one of another."""

import re
from collections.abc import Generator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from course.processes.simulated.programs.amounts import amount
from course.processes.simulated.programs.buffering import Steps
from course.processes.simulated.programs.quoting import named, quote, quoted
from course.processes.simulated.programs.registry import Usage, options, program
from course.processes.simulated.streams import FileStream
from course.union import flags

if TYPE_CHECKING:
    from course.processes.simulated.process import Process, Run, Waiting

CONVERSIONS = "excl nocreat notrunc ucase lcase noerror sync fdatasync fsync sparse".split()
FLAGS = "append direct directory dsync sync fullblock nonblock noatime nocache noctty nofollow".split()
BYTES = {"i": {"count_bytes", "skip_bytes"}, "o": {"seek_bytes"}}
NUMBERS = {"iseek": "skip", "oseek": "seek"}
BLOCK = 512  # bytes, if no size is given
SECOND = 10**9  # nanoseconds


@dataclass
class Copy:
    """A command line of dd, and what was done so far.

    Sizes and offsets are bytes (int), ``count`` is bytes or blocks (None: all there is).  ``read`` and ``written``
    count full and partial blocks (list of two int), ``total`` the bytes that were written (int).
    """

    source: str | None = None
    target: str | None = None
    ibs: int = BLOCK
    obs: int = BLOCK
    in_one_piece: bool = False
    skip: int = 0
    seek: int = 0
    count: int | None = None
    bytes_of: set[str] = field(default_factory=set)
    conversions: set[str] = field(default_factory=set)
    input_flags: set[str] = field(default_factory=set)
    output_flags: set[str] = field(default_factory=set)
    told: str = ""
    read: list[int] = field(default_factory=lambda: [0, 0])
    written: list[int] = field(default_factory=lambda: [0, 0])
    total: int = 0


class WriteFailure(Exception):  # noqa: N818 (the message ends the copy, not the statistics)
    """What was read cannot be written: the message."""


@program("dd")
def dd(process: "Process", argv: list[str]) -> "Run":
    """Copy a file in blocks (dd(1)); cbs and its conversions, and swab, are not there."""
    _, operands = options(argv, "")
    copy = _parsed(operands)
    _open(process, copy)
    started, status = process.space.clock(), 0
    try:
        yield from _position(process, copy)
        status = yield from _copy(process, copy)
    except WriteFailure as error:
        yield from process.complain(f"{argv[0]}: {error}")
        status = 1
    if copy.told != "none":
        yield from process.complain(_statistics(copy, process.space.clock() - started))
    return status


def _parsed(operands: list[str]) -> Copy:
    copy, numbers = Copy(), {}
    for operand in operands:
        name, equals, value = operand.partition("=")
        name = NUMBERS.get(name, name)
        if name == "if" and equals:
            copy.source = value
        elif name == "of" and equals:
            copy.target = value
        elif name == "conv" and equals:
            copy.conversions |= _words(value, CONVERSIONS, "conversion")
        elif name == "iflag" and equals:
            copy.input_flags |= _words(value, [*FLAGS, *BYTES["i"]], "input flag")
        elif name == "oflag" and equals:
            copy.output_flags |= _words(value, [*FLAGS, *BYTES["o"]], "output flag")
        elif name == "status" and equals:
            copy.told = "".join(_words(value, ["none", "noxfer", "progress"], "status level"))
        elif name in ("bs", "ibs", "obs", "count", "skip", "seek") and equals:
            numbers[name] = _number(value, least=name.endswith("bs"))
            if re.search(r"\dB$", value):
                copy.bytes_of.add(name)
        else:
            raise Usage(f"unrecognized operand {quote(operand)}")
    if {"ucase", "lcase"} <= copy.conversions:
        raise Usage("cannot combine lcase and ucase", hint=False)
    copy.in_one_piece = "bs" in numbers
    copy.ibs = numbers.get("bs", numbers.get("ibs", BLOCK))
    copy.obs = numbers.get("bs", numbers.get("obs", BLOCK))
    copy.bytes_of |= {flag.removesuffix("_bytes") for flag in copy.input_flags | copy.output_flags if "_bytes" in flag}
    copy.count = numbers.get("count")
    copy.skip = numbers.get("skip", 0) * (1 if "skip" in copy.bytes_of else copy.ibs)
    copy.seek = numbers.get("seek", 0) * (1 if "seek" in copy.bytes_of else copy.obs)
    return copy


def _words(value: str, known: list[str], what: str) -> set[str]:
    for word in value.split(","):
        if word not in known:
            raise Usage(f"invalid {what}: {quote(word)}")
    return set(value.split(","))


def _number(text: str, least: bool) -> int:
    """Return a number (int) with its suffixes: c 1, w 2, b 512, K, kB, …, and products such as ``2x512``."""
    product = 1
    for factor in text.split("x"):
        suffix = re.search(r"\d([cwB])$", factor)
        number = amount(factor[:-1] if suffix else factor)
        if number is None or not factor[:1].isdigit():
            raise Usage(f"invalid number: {quote(text)}", hint=False)
        product *= number * (2 if suffix and suffix[1] == "w" else 1)
    if product < least:
        raise Usage(f"invalid number: {quote(text)}", hint=False)
    if product >= 2**63:
        raise Usage(f"invalid number: {quote(text)}: Value too large for defined data type", hint=False)
    return product


def _open(process: "Process", copy: Copy) -> None:
    try:
        if copy.source is not None:
            how = flags.O_RDONLY
            how |= flags.O_DIRECTORY if "directory" in copy.input_flags else 0
            how |= flags.O_NOFOLLOW if "nofollow" in copy.input_flags else 0
            fd = process.open(copy.source, how)
            process.dup2(fd, 0)
            process.close(fd)
        if copy.target is not None:
            how = flags.O_RDWR if copy.seek else flags.O_WRONLY
            how |= 0 if "nocreat" in copy.conversions else flags.O_CREAT
            how |= flags.O_EXCL if "excl" in copy.conversions else 0
            how |= flags.O_APPEND if "append" in copy.output_flags else 0
            how |= 0 if copy.seek or "notrunc" in copy.conversions else flags.O_TRUNC
            try:
                fd = process.open(copy.target, how)
            except OSError:
                if not copy.seek:
                    raise
                fd = process.open(copy.target, how & ~flags.O_RDWR | flags.O_WRONLY)
            process.dup2(fd, 1)
            process.close(fd)
    except OSError as error:
        raise Usage(f"failed to open {quoted(error.filename)}: {error.strerror}", hint=False) from None
    stream = process.fds.get(1)
    if copy.target and copy.seek and "notrunc" not in copy.conversions and isinstance(stream, FileStream):
        try:
            stream.file.truncate(copy.seek)
        except OSError as error:
            if stream.mode() & 0o170000 == 0o100000:
                message = f"failed to truncate to {copy.seek} bytes in output file {quoted(copy.target)}"
                raise Usage(f"{message}: {error.strerror}", hint=False) from None


def _position(process: "Process", copy: Copy) -> Steps:
    """Skip what is not to be copied, and move to where it is to be written.  Raises WriteFailure."""
    if copy.skip:
        yield from _skip(process, copy)
    stream = process.stream(1)
    if copy.seek:
        try:
            stream.seek(copy.seek, flags.SEEK_CUR)
        except OSError as error:
            raise WriteFailure(f"{quoted(copy.target or 'standard output')}: cannot seek: {error.strerror}") from None


def _skip(process: "Process", copy: Copy) -> Steps:
    stream, left = process.stream(0), copy.skip
    if isinstance(stream, FileStream):
        size, at = stream.file.stat().st_size, stream.seek(0, flags.SEEK_CUR)
        stream.seek(copy.skip, flags.SEEK_CUR)
        left = max(0, at + copy.skip - size) if stream.mode() & 0o170000 == 0o100000 else 0
    else:
        while left and (data := (yield from process.read(0, min(left, copy.ibs)))):
            left -= len(data)
    if left and copy.told != "none":
        name = named(copy.source or "standard input")
        yield from process.complain(f"{process.argv[0]}: {name}: cannot skip to specified offset")


def _copy(process: "Process", copy: Copy) -> "Generator[Waiting, None, int]":
    """Copy block by block and return the exit status (int).  Raises WriteFailure."""
    held, status = b"", 0
    left = copy.count
    while left is None or left > 0:
        size = copy.ibs if left is None or "count" not in copy.bytes_of else min(copy.ibs, left)
        try:
            data = yield from _block(process, size, "fullblock" in copy.input_flags)
        except OSError as error:
            name = quoted(copy.source or "standard input")
            yield from process.complain(f"{process.argv[0]}: error reading {name}: {error.strerror}")
            status = 1
            break
        if not data:
            break
        copy.read[len(data) < copy.ibs] += 1
        if left is not None:
            left -= len(data) if "count" in copy.bytes_of else 1
        data = _converted(data, copy)
        if copy.in_one_piece:
            yield from _write(process, copy, data)
            continue
        held += data
        while len(held) >= copy.obs:
            yield from _write(process, copy, held[: copy.obs])
            held = held[copy.obs :]
    if held:
        yield from _write(process, copy, held)
    return status


def _block(process: "Process", size: int, full: bool) -> "Generator[Waiting, None, bytes]":
    data = yield from process.read(0, size)
    while full and data and len(data) < size and (more := (yield from process.read(0, size - len(data)))):
        data += more
    return data


def _converted(data: bytes, copy: Copy) -> bytes:
    if "sync" in copy.conversions:
        data = data.ljust(copy.ibs, b"\0")
    if "ucase" in copy.conversions:
        return data.upper()
    return data.lower() if "lcase" in copy.conversions else data


def _write(process: "Process", copy: Copy, data: bytes) -> Steps:
    try:
        if "sparse" in copy.conversions and not data.strip(b"\0"):
            process.stream(1).seek(len(data), flags.SEEK_CUR)
        else:
            yield from process.write(1, data)
    except OSError as error:
        name = quoted(copy.target or "standard output")
        raise WriteFailure(f"error writing {name}: {error.strerror}") from None
    copy.written[len(data) < copy.obs] += 1
    copy.total += len(data)


def _statistics(copy: Copy, elapsed: int) -> str:
    """Return what dd says at the end (str); ``elapsed`` is nanoseconds of the machine's clock (int)."""
    lines = [f"{copy.read[0]}+{copy.read[1]} records in", f"{copy.written[0]}+{copy.written[1]} records out"]
    if copy.told != "noxfer":
        sizes = [_size(copy.total, 1000, "B"), _size(copy.total, 1024, "iB")]
        sizes = [size for size in sizes if not size.endswith(" B")]
        shown = f" ({', '.join(sizes)})" if sizes else ""
        seconds = f"{elapsed / SECOND:g} s"
        speed = _speed(copy.total * SECOND / elapsed) if elapsed else "Infinity B/s"
        lines.append(f"{copy.total} byte{'s' * (copy.total != 1)}{shown} copied, {seconds}, {speed}")
    return "\n".join(lines)


def _size(number: int, base: int, unit: str) -> str:
    """Return a number of bytes (int) with a unit (str), to the nearest tenth below 10.

    >>> _size(1024, 1000, "B"), _size(3145728, 1024, "iB"), _size(999, 1000, "B")
    ('1.0 kB', '3.0 MiB', '999 B')
    """
    power = 0
    while number >= base ** (power + 1) and power < 8:
        power += 1
    if power == 0:
        return f"{number} B"
    tenths = round(number * 10 / base**power)
    text = f"{tenths // 10}.{tenths % 10}" if tenths < 100 else str(round(number / base**power))
    return f"{text} {'kKMGTPEZY'[power if power > 1 else base == 1024]}{unit}"


def _speed(rate: float) -> str:
    """Return bytes per second (float) as dd says it (str).

    >>> _speed(72100), _speed(418000.4), _speed(0)
    ('72.1 kB/s', '418 kB/s', '0.0 kB/s')
    """
    power = 1
    while rate >= 1000 ** (power + 1) and power < 8:
        power += 1
    text = f"{rate / 1000**power:.1f}"
    text = text if len(text) <= 4 else f"{rate / 1000**power:.0f}"
    return f"{text} {'kMGTPEZY'[power - 1]}B/s"
