"""truncate: makes files longer or shorter."""

import errno
import re

from course.processes.simulated.process import Process, Run
from course.processes.simulated.programs.amounts import amount
from course.processes.simulated.programs.quoting import quote, quoted
from course.processes.simulated.programs.registry import Failed, Usage, at_once, for_each, options, program, trying
from course.union import flags

MOST = 2**63 - 1


@program("truncate")
def truncate(process: Process, argv: list[str]) -> Run:
    """Set the size of files (truncate(1)): -s, -r, -c; a size may be relative (+ - < > / %)."""
    found, operands = options(argv, "cos:r:", ["no-create", "io-blocks", "size=", "reference="])
    chosen = {option.lstrip("-")[0]: value for option, value in found}
    create, by_blocks = "n" not in chosen and "c" not in chosen, "o" in chosen or "i" in chosen
    how, size = _size(chosen["s"]) if "s" in chosen else ("", None)
    if size is None and "r" not in chosen:
        raise Usage("you must specify either '--size' or '--reference'")
    if "r" in chosen and size is not None and not how:
        raise Usage("you must specify a relative '--size' with '--reference'")
    if by_blocks and size is None:
        raise Usage("'--io-blocks' was specified but '--size' was not")
    if not operands:
        raise Usage("missing file operand")
    base = None
    if "r" in chosen:
        try:
            base = process.fs.stat(chosen["r"]).st_size
        except OSError as error:
            raise Usage(f"cannot stat {quoted(chosen['r'])}: {error.strerror}", hint=False) from None
    unit = 4096 if by_blocks else 1
    wanted = None if size is None else size * unit
    step = at_once(lambda path: _truncate(process, path, how, wanted, base, create))
    return (yield from for_each(process, operands, step))


def _size(text: str) -> tuple[str, int]:
    """Return how a size is meant (str: one of + - < > / %, or empty) and the number (int).  Raises Usage."""
    how, rest = (text[0], text[1:]) if text[:1] in tuple("<>/%") else ("", text)
    if how and rest.strip()[:1] in tuple("+-"):
        raise Usage("multiple relative modifiers specified")
    signed = re.fullmatch(r"([-+]?)(\w+)", rest.strip())
    number = amount(signed[2]) if signed else None
    if number is None or not signed:
        raise Usage(f"Invalid number: {quote(rest)}", hint=False)
    if number > MOST:
        raise Usage(f"Invalid number: {quote(rest)}: Value too large for defined data type", hint=False)
    if how in ("/", "%") and not number:
        raise Usage("division by zero", hint=False)
    return how or signed[1], number


def _truncate(process: Process, path: str, how: str, size: int | None, base: int | None, create: bool) -> None:
    try:
        file = process.fs.open_file(path, flags.O_WRONLY | flags.O_NONBLOCK | (flags.O_CREAT if create else 0), 0o666)
    except OSError as error:
        if not create and error.errno == errno.ENOENT:
            return
        raise Failed(f"cannot open {quoted(path)} for writing: {error.strerror}") from None
    length = _length(how, size, file.stat().st_size if base is None else base)
    with trying(f"failed to truncate {quoted(path)} at {length} bytes"):
        file.truncate(length)


def _length(how: str, size: int | None, old: int) -> int:
    if size is None:
        return old
    match how:
        case "+":
            return old + size
        case "-":
            return max(0, old - size)
        case "<":
            return min(old, size)
        case ">":
            return max(old, size)
        case "/":
            return old // size * size
        case "%":
            return -(-old // size) * size
    return size
