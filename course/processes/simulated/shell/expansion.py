"""Expansion: what the words of a command become before it runs (POSIX, XCU 2.6)."""

import re
from collections.abc import Generator, Iterable
from typing import TYPE_CHECKING

from course.processes.simulated.process import Waiting
from course.processes.simulated.programs import users
from course.processes.simulated.shell import arithmetic, patterns
from course.processes.simulated.shell.characters import inner, outer
from course.processes.simulated.shell.fields import Fields
from course.processes.simulated.shell.grammar import Arithmetic, Parameter, Part, Substitution, Text, Word
from course.processes.simulated.shell.leaving import ShellError

if TYPE_CHECKING:
    from course.processes.simulated.shell.shell import Shell

ACTIVE = re.compile(r"[~*?\[\\]")  # what makes more of a word without quotes and dollar signs than what it says

Expanding = Generator[Waiting, None, None]


def words(shell: "Shell", given: Iterable[Word]) -> Generator[Waiting, None, list[str]]:
    """Return the fields that words (iterable of Word) expand to, paths that match included (list of str)."""
    found: list[str] = []
    for word in given:
        plain = word.plain
        if plain is not None and not ACTIVE.search(plain):
            found.append(plain)
            continue
        fields = Fields(shell.separators)
        yield from _parts(shell, _with_home(shell, word.parts), fields, splits=False)
        for text, pattern in zip(fields.texts(), fields.patterns(), strict=True):
            matching = [] if "f" in shell.options or not patterns.is_pattern(pattern) else _paths(shell, pattern)
            found += matching or [text]
    return found


def text(shell: "Shell", word: Word, assigned: bool = False) -> Generator[Waiting, None, str]:
    """Return what ``word`` (Word) expands to where it stays one field (str); ``assigned`` (bool): to a variable."""
    fields = yield from _unsplit(shell, word, assigned)
    return "".join(fields.texts())


def pattern(shell: "Shell", word: Word) -> Generator[Waiting, None, str]:
    """Return the pattern (str) that ``word`` (Word) expands to."""
    fields = yield from _unsplit(shell, word)
    return "".join(fields.patterns())


def _unsplit(shell: "Shell", word: Word, assigned: bool = False) -> Generator[Waiting, None, Fields]:
    fields = Fields(None, shell.joint)
    yield from _parts(shell, _with_home(shell, word.parts, assigned), fields, splits=False)
    return fields


def _parts(shell: "Shell", parts: Iterable[Part], fields: Fields, splits: bool) -> Expanding:
    """Add what ``parts`` (iterable of Part) expand to; ``splits`` (bool): their own unquoted text is split too."""
    for part in parts:
        if isinstance(part, Text):
            if splits and not part.quoted:
                fields.split(part.text)
            else:
                fields.add(part.text, part.quoted)
        elif isinstance(part, Parameter):
            yield from _parameter(shell, part, fields)
        elif isinstance(part, Substitution):
            _result(fields, (yield from shell.substituted(part.command)), part.quoted)
        else:
            _result(fields, (yield from _arithmetic(shell, part)), part.quoted)


def _result(fields: Fields, value: str, quoted: bool) -> None:
    if quoted:
        fields.add(value, True)
    else:
        fields.split(value)


def _arithmetic(shell: "Shell", part: Arithmetic) -> Generator[Waiting, None, str]:
    expression = yield from text(shell, part.expression)

    def get(name: str) -> int:
        value = shell.parameter(name) or ""
        try:
            return arithmetic.variable(value)
        except ValueError:
            raise ShellError(f"Illegal number: {value}") from None

    def put(name: str, value: int) -> None:
        shell.variables[name] = str(value)

    try:
        return str(arithmetic.evaluate(expression, get, put))
    except arithmetic.ArithmeticFailure as failure:
        raise ShellError(str(failure)) from None
    except RecursionError:
        raise ShellError("arithmetic expression: nested too deeply") from None


# Parameters


def _parameter(shell: "Shell", part: Parameter, fields: Fields) -> Expanding:
    """Add what ``$name`` or ``${name operator word}`` expands to."""
    if part.operator == "!":
        raise ShellError("Bad substitution")
    every = part.name in ("@", "*")
    value = None if every else shell.parameter(part.name)
    values = list(shell.positional) if every else [] if value is None else [value]
    if part.operator and part.operator[-1] in "-=?+":
        missing = (not values and not every) or (part.operator[0] == ":" and not shell.joint.join(values))
        if missing != (part.operator[-1] == "+"):
            yield from _conditional(shell, part, fields, missing)
            return
    elif not values and not every and "u" in shell.options:
        raise ShellError(f"{part.name}: parameter not set")
    if part.operator == "length":
        values = [str(len(shell.joint.join(values)))]
    elif part.operator in ("#", "##", "%", "%%"):
        values = yield from _trimmed(shell, part, values)
    _add(shell, part, values, fields)


def _conditional(shell: "Shell", part: Parameter, fields: Fields, missing: bool) -> Expanding:
    """Add the word of ``${name-word}`` where it counts, or do with it what the operator says."""
    assert part.word is not None  # noqa: S101 (the parser gives these operators one)
    kind = part.operator[-1]
    if kind == "+" and missing:
        _add(shell, part, [], fields)
    elif kind in "-+":
        if part.quoted:
            fields.add("", True)
        yield from _parts(shell, _with_home(shell, part.word.parts), fields, splits=not part.quoted)
    elif kind == "?":
        default = "parameter not set or null" if part.operator == ":?" else "parameter not set"
        message = (yield from text(shell, part.word)) or default
        raise ShellError(f"{part.name}: {message}")
    else:
        value = yield from text(shell, part.word)
        shell.assign(part.name, value)
        _add(shell, part, [value], fields)


def _trimmed(shell: "Shell", part: Parameter, values: list[str]) -> Generator[Waiting, None, list[str]]:
    assert part.word is not None  # noqa: S101 (the parser gives these operators one)
    if not values:
        return []
    trimming = yield from pattern(shell, part.word)
    if part.name == "*":
        values = [shell.joint.join(values)]
    trim = patterns.without_prefix if part.operator[0] == "#" else patterns.without_suffix
    return [trim(value, trimming, len(part.operator) == 2) for value in values]


def _add(shell: "Shell", part: Parameter, values: list[str], fields: Fields) -> None:
    """Add the ``values`` (list of str) of a parameter: one, or those of all positional parameters."""
    if part.quoted and part.name != "@":
        fields.add(shell.joint.join(values), True)
        return
    if not part.quoted:
        fields.split(*values)
        return
    if part.operator and not values:
        fields.add("", True)
    for number, value in enumerate(values):
        if number:
            fields.next_parameter()
        fields.add(value, True)


# Home directories and paths


def _with_home(shell: "Shell", parts: tuple[Part, ...], assigned: bool = False) -> list[Part]:
    """Return ``parts`` (tuple of Part) with a ``~`` or ``~name`` at the beginning replaced by the home directory.

    In what is ``assigned`` (bool) to a variable, one after each ``:`` is replaced too.
    """
    replaced: list[Part] = []
    for number, part in enumerate(parts):
        if not isinstance(part, Text) or part.quoted or "~" not in part.text:
            replaced.append(part)
            continue
        pieces = part.text.split(":") if assigned else [part.text]
        for at, piece in enumerate(pieces):
            if at:
                replaced.append(Text(":"))
            user, slash, rest = piece[1:].partition("/")
            ends = slash or at < len(pieces) - 1 or number == len(parts) - 1  # before anything quoted or expanded
            home = _home(shell, user) if piece.startswith("~") and ends and (at or number == 0) else None
            replaced += [Text(piece)] if home is None else [Text(home, True), Text(slash + rest)]
    return replaced


def _home(shell: "Shell", user: str) -> str | None:
    if not user:
        return shell.variables.get("HOME")
    found = (fields for fields in users.accounts(shell.process.fs, users.PASSWD) if fields[0] == outer(user))
    return next((inner(fields[5]) for fields in found if len(fields) > 5), None)


def _paths(shell: "Shell", matching: str) -> list[str]:
    """Return the paths that a pattern (str) matches, sorted (list of str)."""
    fs = shell.process.fs

    def listdir(place: str) -> list[str]:
        return [inner(name) for name in fs.listdir(outer(place))]

    def exists(path: str) -> bool:
        try:
            fs.lstat(outer(path))
        except OSError:
            return False
        return True

    return patterns.paths(matching, listdir, exists)
