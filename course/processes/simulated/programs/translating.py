"""tr: one character for another, or none, or one for many."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from course.processes.simulated.programs.buffering import CHUNK, Output, encoded
from course.processes.simulated.programs.quoting import escaped, quote
from course.processes.simulated.programs.registry import Usage, options, program
from course.processes.simulated.programs.regular_expressions import CLASSES

if TYPE_CHECKING:
    from course.processes.simulated.process import Process, Run

ESCAPES = {"a": 7, "b": 8, "f": 12, "n": 10, "r": 13, "t": 9, "v": 11, "\\": 92}
ALL = bytes(range(256))
TOO_SHORT = """when translating with string1 longer than string2,
the latter string must not end with a character class"""
LONG = {"complement": "c", "delete": "d", "squeeze-repeats": "s", "truncate-set1": "t"}


@dataclass
class Part:
    """A part of a set: its characters (bytes), its class's name if it is one, the count if it is a repetition."""

    members: bytes
    name: str = ""
    times: int | None = None


class Set:
    """A set of characters, in order, as a string describes it.  Raises Usage."""

    def __init__(self, text: str) -> None:
        self.warnings: list[str] = []
        self.letters = list(self._letters(encoded(text)))
        self.parts = list(self._parts())

    def _letters(self, text: bytes) -> Iterator[tuple[int, bool]]:
        """Yield each character (int) and whether it was escaped (bool)."""
        at = 0
        while at < len(text):
            found = re.match(rb"\\([0-7]{1,3})", text[at:])
            if found and int(found[1], 8) > 255:
                shown = found[1].decode()
                self.warnings.append(
                    f"warning: the ambiguous octal escape \\{shown} is being\n\tinterpreted as the 2-byte sequence "
                    f"\\0{shown[:2]}, {shown[2]}"
                )
                found = re.match(rb"\\([0-7]{2})", text[at:])
            if found:
                yield int(found[1], 8), True
                at += found.end()
            elif text[at : at + 1] == b"\\" and at + 1 < len(text):
                yield ESCAPES.get(chr(text[at + 1]), text[at + 1]), True
                at += 2
            else:
                if text[at : at + 1] == b"\\":
                    self.warnings.append("warning: an unescaped backslash at end of string is not portable")
                yield text[at], False
                at += 1

    def _parts(self) -> Iterator[Part]:
        plain = "".join("\0" if is_escaped else chr(letter) for letter, is_escaped in self.letters)
        codes, at = bytes(letter for letter, _ in self.letters), 0
        while at < len(codes):
            if found := re.compile(r"\[([:=])(.*?)\1\]", re.DOTALL).match(plain, at):
                yield self._named(found[1], codes[found.start(2) : found.end(2)].decode("latin-1"))
                at = found.end()
            elif (found := re.compile(r"\[.\*([0-9]*)\]", re.DOTALL).match(plain, at)) and found[0][1:3] != "*]":
                times = found[1]
                yield Part(codes[at + 1 : at + 2], times=int(times, 8 if times.startswith("0") else 10) if times else 0)
                at = found.end()
            elif plain[at + 1 : at + 2] == "-" and at + 2 < len(codes):
                if codes[at + 2] < codes[at]:
                    shown = f"{_shown(codes[at])}-{_shown(codes[at + 2])}"
                    message = f"range-endpoints of '{shown}' are in reverse collating sequence order"
                    raise Usage(message, hint=False)
                yield Part(bytes(range(codes[at], codes[at + 2] + 1)))
                at += 3
            else:
                yield Part(codes[at : at + 1])
                at += 1

    def _named(self, kind: str, name: str) -> Part:
        if kind == "=":
            if len(name) != 1:
                message = f"{escaped(name)}: equivalence class operand must be a single character"
                raise Usage(message if name else "missing equivalence class character '[==]'", hint=False)
            return Part(name.encode("latin-1"), "=")
        if name not in CLASSES:
            raise Usage(
                f"invalid character class {quote(name)}" if name else "missing character class name '[::]'", hint=False
            )
        return Part(bytes(sorted(CLASSES[name].encode())), name)

    def members(self, length: int = 0) -> bytes:
        """Return the characters (bytes); an open repetition fills up to ``length`` (int)."""
        fixed = sum(len(part.members) * (1 if part.times is None else part.times) for part in self.parts)
        return b"".join(
            part.members * (1 if part.times is None else part.times or max(0, length - fixed)) for part in self.parts
        )


def _shown(letter: int) -> str:
    return chr(letter) if 32 <= letter < 127 else f"\\{letter:03o}"


@program("tr")
def tr(process: "Process", argv: list[str]) -> "Run":
    """Translate, delete or squeeze characters (tr(1))."""
    found, operands = options(argv, "+cCdst", LONG)
    wishes = {LONG.get(option[2:], option[1:].lower()) for option, _ in found}
    _check_count(operands, wishes)
    first = Set(operands[0])
    second = Set(operands[1]) if len(operands) > 1 else None
    _check_sets(first, second, wishes)
    for warning in first.warnings + (second.warnings if second else []):
        yield from process.complain(f"{argv[0]}: {warning}")
    chosen = bytes(sorted(set(ALL) - set(first.members()))) if "c" in wishes else first.members()
    deleted, squeezed, table = b"", b"", ALL
    if "d" in wishes:
        deleted = chosen
        squeezed = second.members() if second else b""
    elif second:
        table = _table(chosen, first, second, wishes)
        squeezed = second.members(len(chosen)) if "s" in wishes else b""
    else:
        squeezed = chosen
    out = Output(process, failure="write error: {reason}")
    repeats = (
        re.compile(b"([" + b"".join(b"\\x%02x" % byte for byte in sorted(set(squeezed))) + b"])\\1+")
        if squeezed
        else None
    )
    last = b""
    try:
        while data := (yield from process.read(0, CHUNK)):
            data = data.translate(table, deleted)
            if repeats and data:
                data = repeats.sub(rb"\1", last + data)[len(last) :]
                last = data[-1:] or last
            yield from out.write(data)
    except OSError as error:
        raise Usage(f"read error: {error.strerror}", hint=False) from None
    yield from out.flush()
    return 0


def _check_count(operands: list[str], wishes: set[str]) -> None:
    deletes, squeezes = "d" in wishes, "s" in wishes
    least = 1 + (deletes == squeezes)
    most = 1 + (squeezes or not deletes)
    if not operands:
        raise Usage("missing operand")
    if len(operands) < least:
        when = "both deleting and squeezing repeats" if squeezes else "translating"
        raise Usage(f"missing operand after {quote(operands[-1])}\nTwo strings must be given when {when}.")
    if len(operands) > most:
        only = "\nOnly one string may be given when deleting without squeezing repeats." if len(operands) == 2 else ""
        raise Usage(f"extra operand {quote(operands[most])}{only}")


def _check_sets(first: Set, second: Set | None, wishes: set[str]) -> None:
    if any(part.times == 0 for part in first.parts):
        raise Usage("the [c*] repeat construct may not appear in string1", hint=False)
    if not second:
        return
    if sum(part.times == 0 for part in second.parts) > 1:
        raise Usage("only one [c*] repeat construct may appear in string2", hint=False)
    if "d" in wishes:
        return
    if any(part.name == "=" for part in second.parts):
        raise Usage("[=c=] expressions may not appear in string2 when translating", hint=False)
    if any(part.name not in ("", "upper", "lower") for part in second.parts):
        raise Usage(
            "when translating, the only character classes that may appear in\nstring2 are 'upper' and 'lower'",
            hint=False,
        )
    if not second.members(1) and "t" not in wishes:
        raise Usage("when not truncating set1, string2 must be non-empty", hint=False)


def _table(chosen: bytes, first: Set, second: Set, wishes: set[str]) -> bytes:
    """Return what each character becomes (bytes of 256)."""
    starts = {place for part, place in _places(first) if part.name in ("upper", "lower")}
    for part, place in _places(second):
        if part.name and "c" in wishes and part is second.parts[-1]:
            raise Usage(TOO_SHORT, hint=False)
        if part.name and ("c" in wishes or place not in starts):
            raise Usage("misaligned [:upper:] and/or [:lower:] construct", hint=False)
    to = second.members(len(chosen))
    if "t" in wishes:
        chosen = chosen[: len(to)]
    elif len(chosen) > len(to):
        if second.parts[-1].name:
            raise Usage(TOO_SHORT, hint=False)
        to += to[-1:] * (len(chosen) - len(to))
    table = bytearray(ALL)
    for one, other in zip(chosen, to, strict=False):
        table[one] = other
    return bytes(table)


def _places(text: Set) -> Iterator[tuple[Part, int]]:
    """Yield each part with the place (int) at which it begins, where there is no open repetition before it."""
    at = 0
    for part in text.parts:
        yield part, at
        at += len(part.members) * (1 if part.times is None else part.times)
