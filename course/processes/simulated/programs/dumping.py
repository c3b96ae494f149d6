"""od: the bytes of files, in numbers or characters."""

import re
from collections.abc import Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from course.processes.simulated.programs.amounts import amount
from course.processes.simulated.programs.buffering import Output, Steps, closed, opened
from course.processes.simulated.programs.quoting import named, quote
from course.processes.simulated.programs.registry import Usage, options, program

if TYPE_CHECKING:
    from course.processes.simulated.process import Process, Run, Waiting

SHORT_TYPES = {
    "a": "a",
    "b": "o1",
    "c": "c",
    "d": "u2",
    "h": "x2",
    "i": "d4",
    "l": "d8",
    "o": "o2",
    "s": "d2",
    "x": "x2",
}
LONG = ["address-radix=", "skip-bytes=", "read-bytes=", "format=", "output-duplicates", "width=?"]
SIZES = {"C": 1, "S": 2, "I": 4, "L": 8}
WIDTHS = {
    "o": {1: 3, 2: 6, 4: 11, 8: 22},
    "d": {1: 4, 2: 6, 4: 11, 8: 20},
    "u": {1: 3, 2: 5, 4: 10, 8: 20},
    "x": {1: 2, 2: 4, 4: 8, 8: 16},
}
RADIX = {"d": ("{:07d}", 7), "o": ("{:07o}", 7), "x": ("{:06x}", 6), "n": ("", 0)}
NAMES = (
    "nul soh stx etx eot enq ack bel bs ht nl vt ff cr so si "
    "dle dc1 dc2 dc3 dc4 nak syn etb can em sub esc fs gs rs us sp"
).split()
CHARACTERS = {0: "\\0", 7: "\\a", 8: "\\b", 9: "\\t", 10: "\\n", 11: "\\v", 12: "\\f", 13: "\\r"}


@dataclass(frozen=True)
class Type:
    """How bytes are shown: ``kind`` is a letter of ``-t`` (str), ``size`` bytes make a number (int).

    ``text`` (bool) asks for the characters beside the numbers.
    """

    kind: str
    size: int
    text: bool

    @property
    def width(self) -> int:
        """The characters that one number takes (int), without the blank before it."""
        return WIDTHS[self.kind][self.size] if self.kind in WIDTHS else 3

    def shown(self, part: bytes) -> str:
        """Return one number or character (str), of as many bytes (bytes) as ``size``."""
        value = int.from_bytes(part, "little", signed=self.kind == "d")
        if self.kind == "a":
            value &= 127
            return "del" if value == 127 else NAMES[value] if value <= 32 else chr(value)
        if self.kind == "c":
            return CHARACTERS.get(value) or (chr(value) if 32 <= value < 127 else f"{value:03o}")
        if self.kind in "du":
            return str(value)
        return format(value, f"0{self.width}{self.kind}")


@program("od")
def od(process: "Process", argv: list[str]) -> "Run":
    """Dump files in octal and other forms (od(1)); floating point, -S and --endian are not there."""
    found, names = options(argv, "A:j:N:t:vw::abcdhiloxs", LONG)
    types: list[Type] = []
    chosen = {"A": "o"}
    for option, value in found:
        letter = {"address-radix": "A", "skip-bytes": "j", "read-bytes": "N", "format": "t"}.get(
            option[2:], option.lstrip("-")[0]
        )
        letter = {"o": "v"}.get(letter, letter) if option.startswith("--") else letter
        if letter == "t":
            types += _types(value)
        elif letter in SHORT_TYPES:
            types += _types(SHORT_TYPES[letter])
        else:
            chosen[letter] = value
    if chosen["A"] not in RADIX:
        wrong = f"invalid output address radix '{chosen['A']}'; it must be one character from [doxn]"
        raise Usage(wrong, hint=False)
    skip, limit = (_number(chosen, letter) for letter in "jN")
    dump = Dump(Output(process), types or _types("o2"), chosen["A"], "v" in chosen, _width(chosen, types))
    data, status = yield from _read(process, dump.out, names or ["-"], skip or 0, limit)
    yield from dump.blocks(data, skip or 0)
    return status


def _types(text: str) -> list[Type]:
    """Return the types (list of Type) of an argument of -t (str).  Raises Usage."""
    types, at = [], 0
    while at < len(text):
        found = re.compile(r"(?:([ac])|([doux])(\d+|[CSIL])?)(z?)").match(text, at)
        if not found:
            raise Usage(f"invalid character '{text[at]}' in type string {quote(text)}", hint=False)
        size = 1 if found[1] else SIZES.get(found[3] or "I") or int(found[3])
        if size not in (1, 2, 4, 8):
            message = f"this system doesn't provide a {size}-byte integral type"
            raise Usage(f"invalid type string {quote(text)};\n{message}", hint=False)
        types.append(Type(found[1] or found[2], size, bool(found[4])))
        at = found.end()
    return types


def _number(chosen: dict[str, str], letter: str) -> int | None:
    if letter not in chosen:
        return None
    number = int(chosen[letter], 16) if re.fullmatch(r"0x[0-9a-f]+", chosen[letter]) else amount(chosen[letter])
    if number is None:
        raise Usage(f"invalid -{letter} argument {quote(chosen[letter])}", hint=False)
    return number


def _width(chosen: dict[str, str], types: list[Type]) -> int:
    largest = max((kind.size for kind in types), default=2)
    if "w" not in chosen:
        return 16
    number = amount(chosen["w"] or "32")
    if not number:
        raise Usage(f"invalid -w argument {quote(chosen['w'])}", hint=False)
    return number if number % largest == 0 else largest


def _read(
    process: "Process", out: Output, names: list[str], skip: int, limit: int | None
) -> "Generator[Waiting, None, tuple[bytes, int]]":
    """Return the bytes of all files behind the first ``skip``, at most ``limit`` of them, and the exit status."""
    data, status, found = b"", 0, False
    for name in names:
        try:
            fd = opened(process, name)
            found = True
            while more := (yield from process.read(fd, 4096)):
                data += more
                if limit is not None and len(data) >= skip + limit:
                    break
            closed(process, fd)
        except OSError as error:
            yield from out.complain(f"{named(name)}: {error.strerror}")
            status = 1
    if not found:
        raise Usage("", hint=False)
    if len(data) < skip:
        raise Usage("cannot skip past end of combined input", hint=False)
    return data[skip:] if limit is None else data[skip : skip + limit], status


@dataclass
class Dump:
    """Blocks of ``width`` bytes (int) on their way to ``out`` (Output), each in all ``types`` (list of Type)."""

    out: Output
    types: list[Type]
    radix: str
    every: bool
    width: int

    def blocks(self, data: bytes, offset: int) -> Steps:
        """Write all blocks of ``data`` (bytes), and the offset behind them; the same block again is a ``*``."""
        before, starred = b"", False
        for at in range(0, len(data), self.width):
            block = data[at : at + self.width]
            if block == before and not self.every and at + self.width <= len(data):
                if not starred:
                    yield from self.out.write(b"*\n")
                starred = True
                continue
            before, starred = block, False
            yield from self.out.print("".join(self._lines(block, offset + at)))
        if self.radix != "n":
            yield from self.out.print(self._address(offset + len(data)) + "\n")
        yield from self.out.flush()

    def _address(self, offset: int) -> str:
        return RADIX[self.radix][0].format(offset)

    def _lines(self, block: bytes, offset: int) -> list[str]:
        columns = max((kind.width + 1) * (self.width // kind.size) for kind in self.types)
        lines = []
        for number, kind in enumerate(self.types):
            line = self._address(offset) if number == 0 else " " * RADIX[self.radix][1]
            count = self.width // kind.size
            left = pad = columns - kind.width * count
            padded = block.ljust(-(-len(block) // kind.size) * kind.size, b"\0")
            for place in range(len(padded) // kind.size):
                rest = pad * (count - place - 1) // count
                part = padded[place * kind.size : (place + 1) * kind.size]
                line += kind.shown(part).rjust(left - rest + kind.width)
                left = rest
            if kind.text:
                missing = count - len(padded) // kind.size
                line += " " * (missing * kind.width + pad * missing // count)
                line += "  >" + "".join(chr(byte) if 32 <= byte < 127 else "." for byte in block) + "<"
            lines.append(line + "\n")
        return lines
