"""cmp: the first byte in which two files differ."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from course.processes.simulated.programs.amounts import amount
from course.processes.simulated.programs.buffering import Output, Steps, contents
from course.processes.simulated.programs.registry import Usage, options, program

if TYPE_CHECKING:
    from course.processes.simulated.process import Process, Run


def hinted(argv: list[str], error: Usage) -> Usage:
    """Return a Usage as diffutils words it: the hint, too, begins with the program's name."""
    if not error.hint:
        return error
    return Usage(f"{error}\n{argv[0]}: Try '{argv[0]} --help' for more information.", error.status, hint=False)


@dataclass
class Request:
    """A command line of cmp: the two ``names``, the bytes to ``skip`` of each, the ``limit`` of bytes compared."""

    names: tuple[str, str]
    skip: tuple[int, int]
    limit: int | None
    wishes: set[str]


@program("cmp", usage_status=2)
def compare(process: "Process", argv: list[str]) -> "Run":
    """Compare two files byte by byte (cmp(1))."""
    try:
        request = _parsed(argv)
    except Usage as error:
        raise hinted(argv, error) from None
    quiet = "s" in request.wishes
    texts = []
    for name, skip in zip(request.names, request.skip, strict=True):
        try:
            data = yield from contents(process, name)
        except Usage as error:
            raise (Usage("", hint=False) if quiet else error) from None
        texts.append(data[skip:] if request.limit is None else data[skip : skip + request.limit])
    if texts[0] == texts[1]:
        return 0
    if not quiet:
        yield from _tell(process, request, *texts)
    return 1


def _parsed(argv: list[str]) -> Request:
    long = ["print-bytes", "ignore-initial=", "verbose", "bytes=", "quiet", "silent"]
    found, words = options(argv, "bi:ln:s", long)
    letters = {"print-bytes": "b", "ignore-initial": "i", "verbose": "l", "bytes": "n", "quiet": "s", "silent": "s"}
    chosen = {letters.get(option[2:], option[1:]): value for option, value in found}
    if not words:
        raise Usage(f"missing operand after '{argv[0]}'")
    skips = chosen.get("i", "0").split(":") if "i" in chosen else words[2:4] or ["0"]
    skip = [_number(text, "ignore-initial") for text in skips]
    if len(words) > 4:
        raise Usage(f"extra operand '{words[4]}'")
    limit = _number(chosen["n"], "bytes") if "n" in chosen else None
    # one operand more is skipped in the first file only, one option in both
    second = skip[-1] if len(skip) > 1 or "i" in chosen else 0
    return Request((words[0], words[1] if len(words) > 1 else "-"), (skip[0], second), limit, set(chosen))


def _number(text: str, option: str) -> int:
    number = amount(text)
    if number is None:
        raise Usage(f"invalid --{option} value '{text}'")
    return number


def _tell(process: "Process", request: Request, one: bytes, two: bytes) -> Steps:
    out, wishes = Output(process), request.wishes
    different = [at for at, (a, b) in enumerate(zip(one, two, strict=False)) if a != b]
    if "l" in wishes:
        width = len(str(min(len(one), len(two))))
        for at in different:
            yield from out.print(f"{at + 1:{width}} {_octal(one[at], wishes)} {_octal(two[at], wishes).rstrip()}\n")
    elif different:
        at = different[0]
        line = one.count(b"\n", 0, at) + 1
        shown = (
            f" is {_octal(one[at], wishes, narrow=True)} {_octal(two[at], wishes, narrow=True)}"
            if "b" in wishes
            else ""
        )
        unit = "byte" if "b" in wishes else "char"
        yield from out.print(f"{request.names[0]} {request.names[1]} differ: {unit} {at + 1}, line {line}{shown}\n")
        yield from out.flush()
        return
    yield from out.flush()
    if len(one) != len(two):
        yield from out.complain(_end(request, one, two))


def _end(request: Request, one: bytes, two: bytes) -> str:
    shorter, name = (one, request.names[0]) if len(one) < len(two) else (two, request.names[1])
    if not shorter:
        return f"EOF on {name} which is empty"
    where = f"EOF on {name} after byte {len(shorter)}"
    if "l" in request.wishes:
        return where
    lines = shorter.count(b"\n")
    return f"{where}, line {lines}" if shorter.endswith(b"\n") else f"{where}, in line {lines + 1}"


def _octal(byte: int, wishes: set[str], narrow: bool = False) -> str:
    text = f"{byte:3o}"
    if "b" not in wishes:
        return text
    shown = ("M-" if byte >= 128 else "") + _printable(byte & 127)
    return f"{text} {shown}" if narrow else f"{text} {shown:<4}"


def _printable(byte: int) -> str:
    return chr(byte) if 32 <= byte < 127 else "^" + chr(byte ^ 64)
