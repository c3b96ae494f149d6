"""Programs about the order of lines: sort, uniq."""

import re
import stat
from functools import cmp_to_key
from heapq import merge
from itertools import chain, groupby, pairwise
from typing import TYPE_CHECKING, Any

from course.processes.simulated.programs.buffering import Lines, Output, Steps, contents, decoded, encoded, opened
from course.processes.simulated.programs.quoting import named, quote, quoted
from course.processes.simulated.programs.registry import Usage, extra_operand, options, program
from course.processes.simulated.programs.sort_keys import Key, incompatible, parse
from course.processes.simulated.streams import FileStream
from course.union import flags

if TYPE_CHECKING:
    from course.processes.simulated.process import Process, Run

ORDERS = {
    "ignore-leading-blanks": "b",
    "dictionary-order": "d",
    "ignore-case": "f",
    "general-numeric-sort": "g",
    "human-numeric-sort": "h",
    "ignore-nonprinting": "i",
    "month-sort": "M",
    "numeric-sort": "n",
    "reverse": "r",
    "version-sort": "V",
}
OTHERS = {"check": "c", "merge": "m", "stable": "s", "unique": "u", "zero-terminated": "z"}
VALUED = {"key": "k", "output": "o", "field-separator": "t", "buffer-size": "S", "temporary-directory": "T"}


class Order:
    """An order of lines: by ``keys`` (list of Key), then, unless ``stable``, by the whole line."""

    def __init__(self, keys: list[Key], stable: bool, reverse: bool) -> None:
        self.keys, self.stable, self.reverse = keys, stable and bool(keys), reverse

    def sort(self, lines: list[bytes]) -> None:
        """Sort ``lines`` (list of bytes) in place."""
        if not self.stable:
            lines.sort(reverse=self.reverse)
        for key in reversed(self.keys):
            lines.sort(key=key.value, reverse=key.reverse)  # type: ignore[arg-type]

    def values(self, line: bytes) -> tuple[object, ...]:
        """Return what two lines share if they count as equal (tuple)."""
        return tuple(key.value(line) for key in self.keys) if self.keys else (line,)

    def compare(self, line: bytes, other: bytes) -> int:
        """Return -1, 0 or 1 (int): ``line`` (bytes) comes before ``other`` (bytes), does not matter, comes after it."""
        for key in self.keys:
            one: Any = key.value(line)
            two: Any = key.value(other)
            if one != two:
                return -1 if bool(one < two) != key.reverse else 1
        return 0 if self.stable or line == other else -1 if (line < other) != self.reverse else 1


@program("sort", usage_status=2)
def sort(process: "Process", argv: list[str]) -> "Run":
    """Sort lines of text in the C locale (sort(1))."""
    long = [*ORDERS, *(name + "=?" if name == "check" else name for name in OTHERS), *(f"{name}=" for name in VALUED)]
    found, names = options(argv, "".join(ORDERS.values()) + "cCmsuz" + "k:o:t:S:T:", [*long, "parallel="])
    chosen: dict[str, str] = {}
    wishes: set[str] = set()
    keys: list[Key] = []
    for option, value in found:
        letter = {**ORDERS, **OTHERS, **VALUED}.get(option[2:], option[1:])
        if letter == "c" and value in ("quiet", "silent"):
            letter = "C"
        if letter == "k":
            keys.append(parse(value))
        elif letter == "o" and chosen.get("o", value) != value:
            raise Usage("multiple output files specified", hint=False)
        elif letter in ORDERS.values():
            wishes.add(letter)
        else:
            chosen[letter] = value
    order = _order(keys, wishes, chosen)
    end = b"\0" if "z" in chosen else b"\n"
    if "c" in chosen and "C" in chosen:
        raise Usage("options '-cC' are incompatible", hint=False)
    if "c" in chosen or "C" in chosen:
        letter = "c" if "c" in chosen else "C"
        if len(names) > 1:
            raise Usage(f"extra operand {quote(names[1])} not allowed with -{letter}", hint=False)
        return (yield from _check(process, order, (names or ["-"])[0], "u" in chosen, letter == "C", end))
    return (yield from _sort(process, order, names or ["-"], chosen, end))


def _order(keys: list[Key], wishes: set[str], chosen: dict[str, str]) -> Order:
    tab = _separator(chosen["t"]) if "t" in chosen else b""
    for key in keys:
        if not key.wishes:
            key.wishes = wishes | ({"B"} if "b" in wishes else set())
    for letters in map(incompatible, [wishes, *(key.wishes for key in keys)]):
        if letters:
            raise Usage(f"options '-{letters}' are incompatible", hint=False)
    if not keys and wishes - {"r"}:
        keys = [Key(wishes=wishes)]
    for key in keys:
        key.tab = tab
    return Order(keys, stable="s" in chosen or "u" in chosen, reverse="r" in wishes)


def _separator(text: str) -> bytes:
    if not text:
        raise Usage("empty tab", hint=False)
    if text == "\\0":
        return b"\0"
    if len(encoded(text)) > 1:
        raise Usage(f"multi-character tab {quote(text)}", hint=False)
    return encoded(text)


def _sort(process: "Process", order: Order, names: list[str], chosen: dict[str, str], end: bytes) -> "Run":
    for name in names:
        try:
            process.fs.access(name if name != "-" else ".", flags.R_OK)
        except OSError as error:
            raise Usage(f"cannot read: {named(name)}: {error.strerror}", hint=False) from None
    target = 1
    if "o" in chosen:
        try:  # made at once, emptied only when all has been read: it may be one of the inputs
            target = process.open(chosen["o"], flags.O_WRONLY | flags.O_CREAT)
        except OSError as error:
            raise Usage(f"open failed: {named(chosen['o'])}: {error.strerror}", hint=False) from None
    parts: list[list[bytes]] = []
    for name in names:
        data = yield from contents(process, name, "open failed: {name}: {reason}", "read failed: {name}: {reason}")
        parts.append(data.removesuffix(end).split(end) if data else [])
    if "m" in chosen:
        lines = list(merge(*parts, key=cmp_to_key(order.compare)))
    else:
        lines = list(chain.from_iterable(parts))
        order.sort(lines)
    if "u" in chosen:
        lines = [next(same) for _, same in groupby(lines, key=order.values)]
    stream = process.fds.get(target)
    if target != 1 and isinstance(stream, FileStream) and stat.S_ISREG(stream.mode()):
        stream.file.truncate(0)
    out = Output(process, target, f"write failed: {quoted(chosen.get('o', 'standard output'))}: {{reason}}")
    yield from out.write(b"".join(line + end for line in lines))
    yield from out.flush()
    return 0


def _check(process: "Process", order: Order, name: str, unique: bool, quiet: bool, end: bytes) -> "Run":
    data = yield from contents(process, name, "open failed: {name}: {reason}", "read failed: {name}: {reason}")
    lines = data.removesuffix(end).split(end) if data else []
    for number, (one, two) in enumerate(pairwise(lines), start=2):
        same = unique and order.values(one) == order.values(two)
        if same or order.compare(one, two) > 0:
            if not quiet:
                yield from process.complain(f"{process.argv[0]}: {named(name)}:{number}: disorder: {decoded(two)}")
            return 1
    return 0


UNIQ_LONG = {
    "count": "c",
    "repeated": "d",
    "unique": "u",
    "ignore-case": "i",
    "zero-terminated": "z",
    "skip-fields=": "f",
    "skip-chars=": "s",
    "check-chars=": "w",
}
AMOUNTS = {"f": "number of fields to skip", "s": "number of bytes to skip", "w": "number of bytes to compare"}


@program("uniq")
def uniq(process: "Process", argv: list[str]) -> "Run":
    """Leave out lines that repeat the one before (uniq(1)); -D, --group and -N are not there."""
    found, names = options(argv, "cduizf:s:w:", UNIQ_LONG)
    known = {name.rstrip("="): letter for name, letter in UNIQ_LONG.items()}
    chosen = {known.get(option[2:], option[1:]): value for option, value in found}
    for letter, what in AMOUNTS.items():
        if letter in chosen and not chosen[letter].isdecimal():
            raise Usage(f"{chosen[letter]}: invalid {what}", hint=False)
    extra_operand(names, 2)
    skipped = re.compile(rb"(?:[ \t]*[^ \t]*){%d}" % int(chosen.get("f", "0")))
    start, width = int(chosen.get("s", "0")), int(chosen["w"]) if "w" in chosen else None
    end = b"\0" if "z" in chosen else b"\n"
    source, target = (*names, "-", "-")[:2]
    try:
        fd = opened(process, source)
        if target != "-":
            process.dup2(process.open(target, flags.O_WRONLY | flags.O_CREAT | flags.O_TRUNC), 1)
    except OSError as error:
        raise Usage(f"{named(error.filename)}: {error.strerror}", hint=False) from None

    def compared(line: bytes) -> bytes:
        left = skipped.sub(b"", line.removesuffix(end), count=1)[start:][:width]
        return left.upper() if "i" in chosen else left

    def show(line: bytes, count: int) -> Steps:
        if ("d" not in chosen or count > 1) and ("u" not in chosen or count == 1):
            label = b"%7d " % count if "c" in chosen else b""
            yield from out.write(label + line.removesuffix(end) + end)

    out, lines = Output(process), Lines(process, fd, end)
    try:
        first, count = (yield from lines.next()), 1
        while first:
            line = yield from lines.next()
            if line and compared(line) == compared(first):
                count += 1
                continue
            yield from show(first, count)
            first, count = line, 1
    except OSError:
        raise Usage(f"error reading {quoted(source)}", hint=False) from None
    yield from out.flush()
    return 0
