"""What grep is asked to do, and which files it looks into."""

import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from course.processes.simulated.programs.amounts import amount
from course.processes.simulated.programs.registry import Usage, options

if TYPE_CHECKING:
    from course.processes.simulated.process import Process

USAGE = "Usage: grep [OPTION]... PATTERNS [FILE]...\nTry 'grep --help' for more information."
SHORT = "0123456789A:B:C:D:EFGHILRUZabcd:e:f:hilm:noqrsvwxyz"
LONG = {
    "after-context=": "A",
    "before-context=": "B",
    "context=": "C",
    "extended-regexp": "E",
    "fixed-strings": "F",
    "basic-regexp": "G",
    "with-filename": "H",
    "files-without-match": "L",
    "dereference-recursive": "R",
    "null": "Z",
    "text": "a",
    "byte-offset": "b",
    "count": "c",
    "directories=": "d",
    "regexp=": "e",
    "file=": "f",
    "no-filename": "h",
    "ignore-case": "i",
    "files-with-matches": "l",
    "max-count=": "m",
    "line-number": "n",
    "only-matching": "o",
    "quiet": "q",
    "silent": "q",
    "recursive": "r",
    "no-messages": "s",
    "invert-match": "v",
    "word-regexp": "w",
    "line-regexp": "x",
    "null-data": "z",
}
OTHERS = ["include=", "exclude=", "exclude-dir=", "label=", "color=?", "colour=?", "no-ignore-case", "line-buffered"]
INSIDE = {"w": "(?<!\\w){}(?!\\w)", "x": "\\A{}\\Z"}  # what -w and -x put around a pattern


@dataclass
class Request:
    """A command line of grep.

    ``patterns`` are pairs of an option, ``e`` or ``f``, and its value (str); ``names`` the files; ``wishes`` the
    letters of the options that take no value; ``before`` and ``after`` the lines of context (int, -1: none asked for);
    ``most`` the selected lines at which to stop (int, -1: never); ``chosen`` other options with their last value.
    """

    patterns: list[tuple[str, str]] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    wishes: set[str] = field(default_factory=set)
    matcher: str = ""
    before: int = -1
    after: int = -1
    most: int = -1
    chosen: dict[str, str] = field(default_factory=dict)
    globs: list[tuple[str, str]] = field(default_factory=list)

    @property
    def around(self) -> str:
        """What must lie around a match (str, of Python's syntax)."""
        return next((INSIDE[letter] for letter in "xw" if letter in self.wishes), "")

    @property
    def recursive(self) -> bool:
        """Whether directories are searched with all that lies in them (bool)."""
        return bool(self.wishes & {"r", "R"}) or self.chosen.get("d") == "recurse"

    def wants_name(self, descended: bool) -> bool:
        """Return whether lines begin with the file's name (bool); ``descended``: it was found in a directory."""
        named = self.chosen.get("names")
        return named == "H" if named else len(self.names) > 1 or descended

    def passes(self, name: str, is_directory: bool, given: bool) -> bool:
        """Return whether ``--include`` and ``--exclude`` let a file in (bool), ``given`` by name or found (bool)."""
        base = name.rstrip("/").rsplit("/", 1)[-1]
        if is_directory:
            return not any(kind == "exclude-dir" and _fits(glob, name, base) for kind, glob in self.globs)
        wanted = [glob for kind, glob in self.globs if kind == "include"]
        if wanted and not any(_fits(glob, name, base) for glob in wanted):
            return False
        return not any(kind == "exclude" and _fits(glob, name, base) for kind, glob in self.globs) or (
            given and name == "-"
        )


def _fits(glob: str, name: str, base: str) -> bool:
    return fnmatchcase(name, glob) or fnmatchcase(base, glob)


def read_options(argv: list[str]) -> Request:
    """Return what a command line (list of str) asks for (Request).  Raises Usage."""
    found, operands = options(argv, SHORT, [*LONG, *OTHERS])
    request, digits = Request(), ""
    letters = {name.rstrip("="): letter for name, letter in LONG.items()}
    after = before = context = -1
    for option, value in found:
        letter = letters.get(option[2:], option.lstrip("-"))
        if letter.isdecimal():
            digits += letter
            context = int(digits)
            continue
        digits = ""
        if letter in ("A", "B", "C"):
            lines = _number(value, f"{value}: invalid context length argument")
            after, before, context = (
                lines if letter == "A" else after,
                lines if letter == "B" else before,
                lines if letter == "C" else context,
            )
        elif letter == "m":
            request.most = _number(value, "invalid max count")
        elif letter in ("e", "f"):
            request.patterns.append((letter, value))
        elif letter in ("E", "F", "G"):
            if request.matcher not in ("", letter):
                raise Usage("conflicting matchers specified", hint=False)
            request.matcher = letter
        elif letter in ("H", "h"):
            request.chosen["names"] = letter
        elif letter in ("include", "exclude", "exclude-dir"):
            request.globs.append((letter, value.rstrip("/") if letter == "exclude-dir" else value))
        elif len(letter) > 1 or letter in "dD":
            request.chosen[letter] = value
        else:
            request.wishes.add("i" if letter == "y" else letter)
            request.wishes -= {"l": {"L"}, "L": {"l"}}.get(letter, set())
    request.after, request.before = (context if lines < 0 else lines for lines in (after, before))
    if not request.patterns:
        if not operands:
            raise Usage("")
        request.patterns.append(("e", operands.pop(0)))
    request.names = operands or (["."] if request.recursive else ["-"])
    return request


def _number(text: str, message: str) -> int:
    number = amount(text.removeprefix("-"))
    if number is None or (text.startswith("-") and "context" in message):
        raise Usage(message, status=2, hint=False)
    return -1 if text.startswith("-") else number


def files(process: "Process", request: Request, implied: bool) -> Iterator[tuple[str, bool] | OSError]:
    """Yield each file to look into: its name (str) and whether it was found in a directory (bool), or an OSError.

    ``implied`` says that no file was named (bool): names then do without ``./``.
    """
    for name in request.names:
        if not request.recursive or name == "-":
            yield name, False
            continue
        try:
            state = process.fs.stat(name)
        except OSError as error:
            yield OSError(error.errno, error.strerror, name)
            continue
        if not stat.S_ISDIR(state.st_mode):
            if request.passes(name, is_directory=False, given=True):
                yield name, False
        elif request.passes(name, is_directory=True, given=True):
            yield from _below(process, request, name, "" if implied else name.rstrip("/") + "/")


def _below(process: "Process", request: Request, folder: str, prefix: str) -> Iterator[tuple[str, bool] | OSError]:
    try:
        names = process.fs.listdir(folder)
    except OSError as error:
        yield OSError(error.errno, error.strerror, folder)
        return
    for name in names:
        path = prefix + name
        mode = process.fs.lstat(path).st_mode
        if stat.S_ISLNK(mode):
            if "R" not in request.wishes:
                continue
            try:
                mode = process.fs.stat(path).st_mode
            except OSError as error:
                yield OSError(error.errno, error.strerror, path)
                continue
        if stat.S_ISDIR(mode):
            if request.passes(path, is_directory=True, given=False):
                yield from _below(process, request, path, path + "/")
        elif stat.S_ISREG(mode) and request.passes(path, is_directory=False, given=False):
            yield path, True
