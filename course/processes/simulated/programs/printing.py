"""Programs that print what they are told to: echo, printf, yes, seq."""

import re
from decimal import Decimal
from itertools import takewhile
from typing import TYPE_CHECKING

from course.processes.simulated.process import TURN
from course.processes.simulated.programs.buffering import Output, encoded
from course.processes.simulated.programs.formatting import ECHO, Complaint, formatted, unescaped
from course.processes.simulated.programs.quoting import quote
from course.processes.simulated.programs.registry import Usage, extra_operand, missing_operand, options, program
from course.processes.simulated.shell.characters import inner

if TYPE_CHECKING:
    from course.processes.simulated.process import Process, Run

NUMBER = re.compile(r"\s*[+-]?(?:\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)")


@program("echo")
def echo(process: "Process", argv: list[str]) -> "Run":
    """Print the arguments (echo(1)): backslashes are escapes with -e only."""
    words, escapes, end = argv[1:], False, "\n"
    while words and re.fullmatch("-[neE]+", words[0]):
        for letter in words.pop(0)[1:]:
            if letter == "n":
                end = ""
            else:
                escapes = letter == "e"
    text = inner(" ".join(words))
    if escapes:
        text, ends = unescaped(text, ECHO)
        end = "" if ends else end
    out = Output(process)
    yield from out.write((text + end).encode("latin-1"))
    yield from out.flush()
    return 0


@program("printf")
def printf(process: "Process", argv: list[str]) -> "Run":
    """Print the arguments as a format says (printf(1))."""
    words = argv[2:] if argv[1:2] == ["--"] else argv[1:]
    missing_operand(words)
    out, status = Output(process), 0
    for piece in formatted(inner(words[0]), list(map(inner, words[1:]))):
        if isinstance(piece, Complaint):
            yield from out.complain(piece.text)
            status = status if piece.text.startswith("warning: ") else 1
        else:
            yield from out.write(piece.encode("latin-1"))
    yield from out.flush()
    return status


@program("yes")
def yes(process: "Process", argv: list[str]) -> "Run":
    """Print a line again and again, until that is no longer possible (yes(1))."""
    _, words = options(argv, "+")
    line = encoded(" ".join(words or ["y"])) + b"\n"
    out = Output(process, failure="standard output: {reason}")
    while True:
        yield from out.write(line * max(1, 8192 // len(line)))
        yield TURN


@program("seq")
def seq(process: "Process", argv: list[str]) -> "Run":
    """Print numbers from the first to the last (seq(1))."""
    head = list(takewhile(lambda word: not NUMBER.match(word), argv))
    found, words = options([*head, "--"], "+f:s:w", ["format=", "separator=", "equal-width"])
    chosen = {option.lstrip("-")[0].replace("e", "w"): value for option, value in found}
    words += argv[len(head) :]
    missing_operand(words)
    extra_operand(words, 3)
    for word in words:
        if not NUMBER.fullmatch(word):
            raise Usage(f"invalid floating point argument: {quote(word)}")
    if "w" in chosen and "f" in chosen:
        raise Usage("format string may not be specified when printing equal width strings")
    first = words[0] if len(words) > 1 else "1"
    step = words[1] if len(words) > 2 else "1"
    if Decimal(step) == 0:
        raise Usage(f"invalid Zero increment value: {quote(step)}")
    template = _checked(chosen["f"]) if "f" in chosen else _template(first, step, words[-1], "w" in chosen)
    out, number, last = Output(process), Decimal(first), Decimal(words[-1])
    printed = False
    while (number <= last) if Decimal(step) > 0 else (number >= last):
        text = "".join(str(piece) for piece in formatted(template, [str(number)]))
        yield from out.print((chosen.get("s", "\n") if printed else "") + text)
        number += Decimal(step)
        printed = True
    yield from out.print("\n" if printed else "")
    yield from out.flush()
    return 0


def _checked(template: str) -> str:
    directives = re.findall(r"%([-+ 0#']*\d*(?:\.\d*)?)(.?)", template.replace("%%", ""))
    if not directives:
        raise Usage(f"format {quote(template)} has no % directive", hint=False)
    if not directives[0][1]:
        raise Usage(f"format {quote(template)} ends in %", hint=False)
    if directives[0][1] not in "aAeEfFgG":
        raise Usage(f"format {quote(template)} has unknown %{directives[0][1]} directive", hint=False)
    if len(directives) > 1:
        raise Usage(f"format {quote(template)} has too many % directives", hint=False)
    return template


def _template(first: str, step: str, last: str, equal_width: bool) -> str:
    """Return the format (str) of the numbers: as many decimals as the first number and the step have."""
    decimals = {word: _decimals(word) for word in (first, step, last)}
    precision = max(decimals[first], decimals[step])
    width = 0
    if equal_width:
        for word in (first, last):
            point = bool(precision) - ("." in word)
            width = max(width, len(word.strip(" +")) + precision - decimals[word] + point)
    return f"%0{width}.{precision}f" if width else f"%.{precision}f"


def _decimals(word: str) -> int:
    mantissa, _, exponent = word.lower().partition("e")
    shift = int(exponent or 0)
    decimals = len(mantissa.partition(".")[2])
    return decimals - min(decimals, shift) if shift > 0 else decimals - shift
