"""find's tests: what a file has to be like."""

import re
import stat
from collections.abc import Callable

from course.processes.simulated.programs import dates, modes, times, users
from course.processes.simulated.programs.find_search import Condition, Entry, Search
from course.processes.simulated.programs.quoting import quote
from course.processes.simulated.programs.registry import Steps, Usage
from course.processes.simulated.shell import patterns
from course.union import flags
from course.union.filesystem import Stat

Maker = Callable[[Search, str, list[str]], Condition]
"""Makes a condition: takes the search, the word (``-name``), and the words after it, from which it takes its own."""

KINDS = {
    "b": stat.S_IFBLK,
    "c": stat.S_IFCHR,
    "d": stat.S_IFDIR,
    "p": stat.S_IFIFO,
    "f": stat.S_IFREG,
    "l": stat.S_IFLNK,
    "s": stat.S_IFSOCK,
}
SIZES = {"b": 512, "c": 1, "w": 2, "k": 1024, "M": 1 << 20, "G": 1 << 30}
ACCESS = {"-readable": flags.R_OK, "-writable": flags.W_OK, "-executable": flags.X_OK}
OPTIONS = {"-depth", "-d", "-maxdepth", "-mindepth", "-follow", "-xdev", "-mount", "-noleaf", "-warn", "-nowarn"}


def argument(word: str, words: list[str]) -> str:
    """Take the next of ``words`` (list of str) as the argument of ``word`` (str).  Raises Usage."""
    if not words:
        raise Usage(f"missing argument to `{word}'", hint=False)
    return words.pop(0)


def predicate(holds: Callable[[Search, Entry], bool]) -> Condition:
    """Return a test (Condition) that only looks."""

    def run(search: Search, entry: Entry) -> Steps:
        return holds(search, entry)
        yield

    return run


always = predicate(lambda _search, _entry: True)


def lookup(word: str) -> Maker | None:
    """Return what makes the test that ``word`` (str) names (Maker), or None."""
    if re.fullmatch("-newer[acm][acmt]", word):
        return _newer
    return MAKERS.get(word)


def _matching(text: Callable[[Search, Entry], str], ignore_case: bool = False) -> Maker:
    def make(_search: Search, word: str, words: list[str]) -> Condition:
        pattern = argument(word, words)
        if ignore_case:
            return predicate(lambda search, entry: patterns.matches(pattern.lower(), text(search, entry).lower()))
        return predicate(lambda search, entry: patterns.matches(pattern, text(search, entry)))

    return make


def _lname(_search: Search, word: str, words: list[str]) -> Condition:
    pattern = argument(word, words)

    def holds(search: Search, entry: Entry) -> bool:
        is_link = stat.S_ISLNK(entry.found.st_mode)
        return is_link and patterns.matches(pattern, search.process.fs.readlink(entry.path))

    return predicate(holds)


def _number(value: Callable[[Search, Stat], int]) -> Maker:
    """Return what makes a test of a number: N, +N for more, -N for less."""

    def make(_search: Search, word: str, words: list[str]) -> Condition:
        text = argument(word, words)
        if not re.fullmatch(r"[-+]?\d+", text, re.ASCII):
            raise Usage(f"invalid argument `{text}' to `{word}'", hint=False)
        sign, wanted = _compared(text)
        return predicate(lambda search, entry: _fits(sign, value(search, entry.found), wanted))

    return make


def _compared(text: str) -> tuple[str, int]:
    return (text[0], int(text[1:])) if text[0] in "+-" else ("", int(text))


def _fits(sign: str, value: int, wanted: int) -> bool:
    return value > wanted if sign == "+" else value < wanted if sign == "-" else value == wanted


def _days(which: str) -> Maker:
    return _number(lambda search, found: (search.process.space.clock() - getattr(found, which)) // times.DAY)


def _minutes(which: str) -> Maker:
    return _number(
        lambda search, found: -(-(search.process.space.clock() - getattr(found, which)) // (60 * times.SECOND))
    )


def _type(_search: Search, word: str, words: list[str]) -> Condition:
    text = argument(word, words)
    if not text:
        raise Usage(f"Arguments to {word} should contain at least one letter", hint=False)
    kinds: list[int] = []
    for index, letter in enumerate(text):
        if index % 2:
            if letter != ",":
                raise Usage(f"Must separate multiple arguments to {word} using: ','", hint=False)
            if index == len(text) - 1:
                message = f"Last file type in list argument to {word} is missing, i.e., list is ending on: ','"
                raise Usage(message, hint=False)
        elif letter not in KINDS:
            raise Usage(f"Unknown argument to {word}: {letter}", hint=False)
        elif KINDS[letter] in kinds:
            raise Usage(f"Duplicate file type '{letter}' in the argument list to {word}.", hint=False)
        else:
            kinds.append(KINDS[letter])
    return predicate(lambda _search, entry: stat.S_IFMT(entry.found.st_mode) in kinds)


def _size(_search: Search, word: str, words: list[str]) -> Condition:
    text = argument(word, words)
    if not text:
        raise Usage("invalid null argument to -size", hint=False)
    unit = SIZES["b"]
    number = text
    if not text[-1].isdigit():
        if text[-1] not in SIZES:
            raise Usage(f"invalid -size type `{text[-1]}'", hint=False)
        unit, number = SIZES[text[-1]], text[:-1]
    if not re.fullmatch(r"[-+]?\d+", number, re.ASCII):
        raise Usage(f"Invalid argument `{text}' to -size", hint=False)
    sign, wanted = _compared(number)
    return predicate(lambda _search, entry: _fits(sign, -(-entry.found.st_size // unit), wanted))


def _perm(_search: Search, word: str, words: list[str]) -> Condition:
    text = argument(word, words)
    how = text[:1] if text[:1] in ("-", "/") else ""
    try:
        wanted = modes.changed(0, modes.parse(text[len(how) :]), False, 0)
    except ValueError:
        raise Usage(f"invalid mode {quote(text)}", hint=False) from None
    if how == "-":
        return predicate(lambda _search, entry: entry.found.st_mode & wanted == wanted)
    if how == "/":
        return predicate(lambda _search, entry: not wanted or bool(entry.found.st_mode & wanted))
    return predicate(lambda _search, entry: entry.found.st_mode & 0o7777 == wanted)


def _reference(search: Search, path: str) -> Stat:
    try:
        return search.look(path, operand=True)
    except OSError as error:
        raise Usage(f"{quote(path)}: {error.strerror}", hint=False) from None


def _newer(search: Search, word: str, words: list[str]) -> Condition:
    text = argument(word, words)
    letters = word.removeprefix("-newer") or "mm"
    letters = {"-anewer": "am", "-cnewer": "cm"}.get(word, letters)
    which = f"st_{letters[0]}time_ns"
    if letters[1] == "t":
        try:
            limit = dates.parse(text, search.process.space.clock())
        except ValueError:
            raise Usage(f"I cannot figure out how to interpret {quote(text)} as a date or time", hint=False) from None
    else:
        limit = getattr(_reference(search, text), f"st_{letters[1]}time_ns")
    return predicate(lambda _search, entry: getattr(entry.found, which) > limit)


def _samefile(search: Search, word: str, words: list[str]) -> Condition:
    other = _reference(search, argument(word, words))
    inode = other.st_dev, other.st_ino
    return predicate(lambda _search, entry: (entry.found.st_dev, entry.found.st_ino) == inode)


def _owner(path: str, field: str, kind: str) -> Maker:
    def make(search: Search, word: str, words: list[str]) -> Condition:
        name = argument(word, words)
        number = users.number_of(search.process.fs, path, name)
        if number is None and not name.isdecimal():
            raise Usage(f"{quote(name)} is not the name of {kind}", hint=False)
        wanted = int(name) if number is None else number
        return predicate(lambda _search, entry: getattr(entry.found, field) == wanted)

    return make


def _nobody(path: str, field: str) -> Maker:
    def holds(search: Search, entry: Entry) -> bool:
        return users.name_of(search.process.fs, path, getattr(entry.found, field)) is None

    return lambda _search, _word, _words: predicate(holds)


def _may(search: Search, word: str, _words: list[str]) -> Condition:
    def holds(search: Search, entry: Entry) -> bool:
        try:
            search.process.fs.access(entry.path, ACCESS[word])
        except OSError:
            return False
        return True

    return predicate(holds)


def _is_empty(search: Search, entry: Entry) -> bool:
    if stat.S_ISDIR(entry.found.st_mode):
        try:
            return not search.process.fs.listdir(entry.path)
        except OSError:
            return False
    return stat.S_ISREG(entry.found.st_mode) and not entry.found.st_size


def _plain(holds: Callable[[Search, Entry], bool]) -> Maker:
    return lambda _search, _word, _words: predicate(holds)


def _depth_first(search: Search, _word: str, _words: list[str]) -> Condition:
    search.depth_first = True
    return always


def _depth(search: Search, word: str, words: list[str]) -> Condition:
    text = argument(word, words)
    if not text.isascii() or not text.isdigit():
        message = f"Expected a positive decimal integer argument to {word}, but got {quote(text)}"
        raise Usage(message, hint=False)
    if word == "-maxdepth":
        search.max_depth = int(text)
    else:
        search.min_depth = int(text)
    return always


def _follow(search: Search, _word: str, _words: list[str]) -> Condition:
    search.follow = "L"
    return always


MAKERS: dict[str, Maker] = {
    "-name": _matching(lambda _search, entry: entry.name),
    "-iname": _matching(lambda _search, entry: entry.name, ignore_case=True),
    "-path": _matching(lambda _search, entry: entry.path),
    "-wholename": _matching(lambda _search, entry: entry.path),
    "-ipath": _matching(lambda _search, entry: entry.path, ignore_case=True),
    "-lname": _lname,
    "-type": _type,
    "-size": _size,
    "-perm": _perm,
    "-newer": _newer,
    "-anewer": _newer,
    "-cnewer": _newer,
    "-samefile": _samefile,
    "-user": _owner(users.PASSWD, "st_uid", "a known user"),
    "-group": _owner(users.GROUP, "st_gid", "an existing group"),
    "-nouser": _nobody(users.PASSWD, "st_uid"),
    "-nogroup": _nobody(users.GROUP, "st_gid"),
    "-uid": _number(lambda _search, found: found.st_uid),
    "-gid": _number(lambda _search, found: found.st_gid),
    "-links": _number(lambda _search, found: found.st_nlink),
    "-inum": _number(lambda _search, found: found.st_ino),
    "-mtime": _days("st_mtime_ns"),
    "-atime": _days("st_atime_ns"),
    "-ctime": _days("st_ctime_ns"),
    "-mmin": _minutes("st_mtime_ns"),
    "-amin": _minutes("st_atime_ns"),
    "-cmin": _minutes("st_ctime_ns"),
    **dict.fromkeys(ACCESS, _may),
    "-empty": _plain(_is_empty),
    "-true": _plain(lambda _search, _entry: True),
    "-false": _plain(lambda _search, _entry: False),
    "-depth": _depth_first,
    "-d": _depth_first,
    "-maxdepth": _depth,
    "-mindepth": _depth,
    "-follow": _follow,
}
