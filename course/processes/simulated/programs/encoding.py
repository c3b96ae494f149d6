"""base64: bytes as letters, and back."""

import base64 as codec
import re
from typing import TYPE_CHECKING

from course.processes.simulated.programs.buffering import Output, contents
from course.processes.simulated.programs.quoting import quote
from course.processes.simulated.programs.registry import Usage, extra_operand, options, program

if TYPE_CHECKING:
    from course.processes.simulated.process import Process, Run

GROUPS = re.compile(rb"(?:[A-Za-z0-9+/]{4}|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{2}==)*")


@program("base64")
def base64(process: "Process", argv: list[str]) -> "Run":
    """Encode or decode (base64(1))."""
    found, names = options(argv, "diw:", ["decode", "ignore-garbage", "wrap="])
    chosen = {option.lstrip("-")[0]: value for option, value in found}
    width = chosen.get("w", "76")
    if not width.isdecimal():
        raise Usage(f"invalid wrap size: {quote(width)}", hint=False)
    extra_operand(names, 1)
    data = yield from contents(process, (names or ["-"])[0], reading="read error: {reason}")
    out = Output(process)
    if "d" in chosen:
        whole = yield from _decode(data, "i" in chosen, out)
        yield from out.flush()
        if not whole:
            raise Usage("invalid input", hint=False)
        return 0
    text, size = codec.b64encode(data), int(width)
    lines = [text[at : at + size] + b"\n" for at in range(0, len(text), size)] if size else [text]
    yield from out.write(b"".join(lines))
    yield from out.flush()
    return 0


def _decode(data: bytes, ignore: bool, out: Output) -> "Run":
    """Write what the letters (bytes) stand for, and return whether all of them could be decoded (int)."""
    letters = re.sub(rb"[^A-Za-z0-9+/=]" if ignore else rb"\n", b"", data)
    good = GROUPS.match(letters)
    end = good.end() if good else 0
    for group in re.findall(rb"[^=]+=*", letters[:end]):
        yield from out.write(codec.b64decode(group))
    rest = re.match(rb"[A-Za-z0-9+/]*", letters[end:])
    if rest and len(rest[0]) >= 2:  # what a last, broken group holds
        yield from out.write(codec.b64decode(rest[0][:3].ljust(3, b"A") + b"A")[: len(rest[0][:3]) - 1])
    return end == len(letters)
