"""xargs: runs a command with the words that it reads."""

import errno
import re
from collections.abc import Generator, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from course.processes.simulated.programs.buffering import contents, decoded
from course.processes.simulated.programs.quoting import named
from course.processes.simulated.programs.registry import Usage, options, program
from course.union import flags

if TYPE_CHECKING:
    from course.processes.simulated.process import Process, Run, Waiting

LONG = {
    "null": "0",
    "arg-file=": "a",
    "delimiter=": "d",
    "max-args=": "n",
    "max-lines=": "L",
    "replace=?": "i",
    "no-run-if-empty": "r",
    "verbose": "t",
    "max-procs=": "P",
    "max-chars=": "s",
    "exit": "x",
}
LIMIT = 131072 - 4  # bytes of words in one command line, of which each takes one more
ESCAPES = {"n": "\n", "t": "\t", "0": "\0", "\\": "\\", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v"}
WORD = re.compile(r"""(?s)'([^'\n]*)'|"([^"\n]*)"|\\(.?)|([^\s'"\\]+|[^'"\\\n])""")


@dataclass
class Request:
    """A command line of xargs: at most ``words`` words or ``lines`` lines at a time (int, 0: no limit)."""

    command: list[str]
    words: int = 0
    lines: int = 0
    replaced: str = ""
    delimiter: str = ""
    source: str = "-"
    empty: bool = True
    told: bool = False
    limit: int = LIMIT


@program("xargs")
def xargs(process: "Process", argv: list[str]) -> "Run":
    """Run a command with words from standard input (xargs(1)): one after another, never two at once."""
    request = yield from _parsed(process, argv)
    data = yield from contents(process, request.source, "Cannot open input file '{name}': {reason}")
    text = decoded(data)
    try:
        lines = list(_lines(text, request))
    except ValueError as error:
        kind = error.args[0]
        message = f"unmatched {kind} quote; by default quotes are special to xargs unless you use the -0 option"
        raise Usage(message, hint=False) from None
    status = 0
    for command in _commands(lines, request):
        ended = yield from _run(process, command, request)
        if ended in (126, 127):
            return ended
        if ended == 255:
            raise Usage(f"{command[0]}: exited with status 255; aborting", 124, hint=False)
        if ended > 128:
            raise Usage(f"{command[0]}: terminated by signal {ended - 128}", 125, hint=False)
        status = 123 if ended else status
    return status


def _parsed(process: "Process", argv: list[str]) -> "Generator[Waiting, None, Request]":
    found, command = options(argv, "+0a:d:n:L:I:i::rtP:s:x", LONG)
    letters = {name.rstrip("=?"): letter for name, letter in LONG.items()}
    request = Request(command or ["echo"])
    for option, value in found:
        letter = letters.get(option[2:], option[1:])
        if letter in ("n", "L", "s"):
            number = _number(value, letter)
            if letter == "s":
                request.limit = number
                continue
            request.words, request.lines = (number, 0) if letter == "n" else (0, number)
            if letter == "n" and number == 1 and request.replaced:
                request.words = 0
            elif request.replaced:
                request.replaced = ""
        elif letter in ("I", "i"):
            if request.words:
                message = (
                    "options --max-args and --replace/-I/-i are mutually exclusive, ignoring previous --max-args value"
                )
                yield from process.complain(f"{argv[0]}: warning: {message}")
            request.replaced, request.words, request.lines = value or "{}", 0, 0
        elif letter in ("0", "d"):
            request.delimiter = "\0" if letter == "0" else _delimiter(value)
        elif letter == "a":
            request.source = value
        request.empty = request.empty and letter != "r"
        request.told = request.told or letter == "t"
    return request


def _number(text: str, letter: str) -> int:
    if not re.fullmatch(r"[+-]?\d+", text):
        raise Usage(f'invalid number "{text}" for -{letter} option')
    if int(text) < 1:
        raise Usage(f"value {int(text)} for -{letter} option should be >= 1")
    return int(text)


def _delimiter(text: str) -> str:
    if len(text) == 2 and text[0] == "\\" and text[1] in ESCAPES:
        return ESCAPES[text[1]]
    if len(text) != 1:
        message = (
            f"Invalid input delimiter specification {text}: the delimiter must be either a single character or an "
        )
        raise Usage(message + "escape sequence starting with \\.", hint=False)
    return text


def _lines(text: str, request: Request) -> Iterator[list[str]]:
    """Yield the words of each line (list of str).  Raises ValueError: a quote is not closed."""
    if request.delimiter:
        words = text.split(request.delimiter)
        yield from ([word] for word in (words if words[-1] else words[:-1]))
        return
    at, words, word, open_word = 0, list[str](), "", False
    while at < len(text):
        if text[at] == "\n" or (text[at].isspace() and not request.replaced):
            if open_word:
                words.append(word)
            word, open_word = "", False
            continues = bool(request.lines) and at > 0 and text[at - 1] in " \t"  # -L: a blank at the end of a line
            if text[at] == "\n" and words and not continues:
                yield words
                words = []
            at += 1
            continue
        if text[at] in " \t" and not open_word:
            at += 1
            continue
        found = WORD.match(text, at)
        if not found:
            raise ValueError("single" if text[at] == "'" else "double")
        word += next(group for group in found.groups() if group is not None)
        open_word = True
        at = found.end()
    if open_word:
        words.append(word)
    if words:
        yield words


def _commands(lines: list[list[str]], request: Request) -> Iterator[list[str]]:
    """Yield the command lines (list of str) that take up all the words."""
    if request.replaced:
        for line in lines:
            yield [part.replace(request.replaced, line[0]) for part in request.command]
        return
    fixed = sum(len(part.encode("utf-8", "surrogateescape")) + 1 for part in request.command)
    words, size, count = list[str](), fixed, 0
    for line in lines:
        for word in line:
            length = len(word.encode("utf-8", "surrogateescape")) + 1
            if fixed + length > request.limit:
                raise Usage("argument line too long", hint=False)
            if size + length > request.limit or (request.words and len(words) == request.words):
                yield [*request.command, *words]
                words, size = [], fixed
            words.append(word)
            size += length
        count += 1
        if request.lines and count == request.lines:
            yield [*request.command, *words]
            words, size, count = [], fixed, 0
    if words or (not lines and request.empty):
        yield [*request.command, *words]


def _run(process: "Process", command: list[str], request: Request) -> "Generator[Waiting, None, int]":
    """Run one command and return its status (int): 127 if it is not there, 126 if it cannot run."""
    if request.told:
        yield from process.complain(" ".join(map(named, command)))
    try:
        child = process.run(command)
    except OSError as error:
        yield from process.complain(f"{process.argv[0]}: {command[0]}: {error.strerror}")
        return 127 if error.errno == errno.ENOENT else 126
    if 0 in child.fds and request.source == "-":
        child.close(0)
    if 0 not in child.fds:
        with suppress(OSError):  # a small file system may have no devices
            child.open("/dev/null", flags.O_RDONLY)
    _, status = yield from process.wait(child.pid)
    return status
