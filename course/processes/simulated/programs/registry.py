"""The built-in programs by name, and what all of them need: options in GNU's way, and errors of usage.

How names are quoted in messages is in ``quoting``, users and groups are in ``users``.
"""

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import wraps
from inspect import getdoc
from typing import TypeVar

from course.processes.simulated.process import Process, Program, Run, Waiting
from course.processes.simulated.programs.quoting import quote

PROGRAMS: dict[str, Program] = {}
"""Every built-in program (a callable that takes the process and its arguments) by the name it is called by (str)."""

Steps = Generator[Waiting, None, bool]
"""A part of a program in progress: yields what it waits for, returns whether all went well (bool)."""


class Usage(Exception):  # noqa: N818 (an outcome that ends a program, told to its user only)
    """A program was called in a wrong way: the message, and the exit status if it is not the program's usual one.

    ``hint`` (bool) says whether the line "Try 'ls --help' for more information." follows.
    """

    def __init__(self, message: str, status: int | None = None, hint: bool = True) -> None:
        super().__init__(message)
        self.status = status
        self.hint = hint


class Help(Exception):  # noqa: N818 (an outcome that ends a program)
    """A program was asked for ``--help``."""


class Failed(Exception):  # noqa: N818 (an outcome of one step)
    """One step of a program failed: the message says what; the program goes on with the next and ends with status 1."""


@contextmanager
def trying(what: str) -> Iterator[None]:
    """Turn an OSError inside the block into Failed: ``what`` (str) could not be done, and why.

    >>> with trying("cannot remove 'x'"):
    ...     raise OSError(2, "No such file or directory", "x")
    Traceback (most recent call last):
    course.processes.simulated.programs.registry.Failed: cannot remove 'x': No such file or directory
    """
    try:
        yield
    except OSError as error:
        raise Failed(f"{what}: {error.strerror}") from None


def attempt(process: Process, step: Steps) -> Steps:
    """Do one ``step`` (Steps); if it fails, say so under the program's name."""
    try:
        return (yield from step)
    except Failed as failure:
        yield from process.complain(f"{process.argv[0]}: {failure}")
        return False


def at_once(step: Callable[[str], None]) -> Callable[[str], Steps]:
    """Return a ``step`` (callable that takes one operand, and may raise Failed) that never waits as Steps."""

    def run(operand: str) -> Steps:
        step(operand)
        return True
        yield

    return run


def for_each(process: Process, operands: Iterable[str], step: Callable[[str], Steps]) -> Run:
    """Do a ``step`` (callable that takes one operand) for each operand; return 1 if any of them failed, else 0."""
    status = 0
    for operand in operands:
        if not (yield from attempt(process, step(operand))):
            status = 1
    return status


def program(*names: str, usage_status: int = 1) -> Callable[[Program], Program]:
    """Return a decorator that registers a program under its ``names`` (str).

    A Usage that it raises becomes a message on standard error, with the name it was called by before it, and the exit
    status ``usage_status`` (int) unless the Usage says another; so does an OSError: programs deal with those of
    the files that they are about, so that one is left only if their output could not be written.

    >>> @program("nothing")
    ... def nothing(process, argv):
    ...     return 0
    ...     yield
    >>> PROGRAMS.pop("nothing") is nothing
    True
    """

    def register(run: Program) -> Program:
        @wraps(run)
        def guarded(process: Process, argv: list[str]) -> Run:
            try:
                return (yield from run(process, argv))
            except Usage as error:
                if str(error):
                    yield from process.complain(f"{argv[0]}: {error}")
                if error.hint:
                    yield from process.complain(f"Try '{argv[0]} --help' for more information.")
                return usage_status if error.status is None else error.status
            except Help:
                yield from process.print(f"Usage: {argv[0]} [OPTION]... [OPERAND]...\n{getdoc(run)}\n")
                return 0
            except OSError as error:
                yield from process.complain(f"{argv[0]}: write error: {error.strerror}")
                return usage_status

        PROGRAMS.update(dict.fromkeys(names, guarded))
        return guarded

    return register


def options(argv: Sequence[str], short: str, long: Iterable[str] = ()) -> tuple[list[tuple[str, str]], list[str]]:
    """Return the options with their values (list of pairs of str) and the operands (list of str) of a command line.

    ``argv`` (sequence of str) begins with the program's name.  ``short`` (str) and ``long`` (str each) are as for
    ``getopt.gnu_getopt``: ``"al:"``, ``["all", "lines="]``; ``"i::"`` and ``"color=?"`` take a value only if it is
    attached; at the head of ``short`` a ``+`` ends the options at the first operand, and a ``-`` leaves operands where
    they are, as values of an option without a name.  A long option may be shortened as
    far as it is unique, and comes back whole.  Raises Usage.  Rule: getopt_long(3).

    >>> options(["ls", "-la", "bin", "--col=never", "--", "-x"], "al", ["color=?"])
    ([('-l', ''), ('-a', ''), ('--color', 'never')], ['bin', '-x'])
    >>> options(["ls", "-z"], "al")
    Traceback (most recent call last):
    course.processes.simulated.programs.registry.Usage: invalid option -- 'z'
    """
    order = short[:1] if short[:1] in ("+", "-") else ""
    short = short.removeprefix(order)
    todo = list(argv[1:])
    found: list[tuple[str, str]] = []
    operands: list[str] = []
    while todo:
        word = todo.pop(0)
        if word == "--":
            break
        if word.startswith("--"):
            found.append(_long_option(word, todo, list(long)))
        elif word.startswith("-") and word != "-":
            found += _short_options(word[1:], todo, short)
        else:
            (found.append(("", word)) if order == "-" else operands.append(word))
            if order == "+":
                break
    return found, operands + todo


def _short_options(letters: str, todo: list[str], short: str) -> list[tuple[str, str]]:
    found = []
    while letters:
        letter, letters = letters[0], letters[1:]
        at = short.find(letter)
        if at < 0 or letter == ":":
            raise Usage(f"invalid option -- '{letter}'")
        value = ""
        if short[at + 1 : at + 2] == ":":
            value, letters = letters, ""
            if not value and short[at + 1 : at + 3] != "::":
                if not todo:
                    raise Usage(f"option requires an argument -- '{letter}'")
                value = todo.pop(0)
        found.append((f"-{letter}", value))
    return found


def _long_option(word: str, todo: list[str], long: list[str]) -> tuple[str, str]:
    name, has_value, value = word[2:].partition("=")
    kinds = {known.rstrip("=?"): known for known in long}
    near = [name] if name in kinds else [known for known in kinds if known.startswith(name)]
    if not near and name == "help":
        raise Help
    if not near:
        raise Usage(f"unrecognized option '{word}'")
    if len(near) > 1:
        raise Usage(f"option '--{name}' is ambiguous; possibilities: " + " ".join(f"'--{known}'" for known in near))
    whole = near[0]
    if has_value and kinds[whole] == whole:
        raise Usage(f"option '--{whole}' doesn't allow an argument")
    if not has_value and kinds[whole].endswith("="):
        if not todo:
            raise Usage(f"option '--{whole}' requires an argument")
        value = todo.pop(0)
    return f"--{whole}", value


Choice = TypeVar("Choice")


def choice(option: str, value: str, choices: Mapping[str, Choice]) -> Choice:
    """Return what ``value`` (str), or what it is the beginning of, means among ``choices`` (mapping of str).

    Raises Usage, with the valid arguments for ``option`` (str); names that mean the same are on one line.

    >>> choice("--sort", "si", {"none": "U", "size": "S"})
    'S'
    """
    near = [value] if value in choices else [name for name in choices if name.startswith(value)]
    meanings = [choices[name] for name in near]
    if meanings and value and all(meaning == meanings[0] for meaning in meanings):
        return meanings[0]
    lines: list[tuple[Choice, str]] = []
    for name, meaning in choices.items():
        if lines and lines[-1][0] == meaning:
            lines[-1] = (meaning, f"{lines[-1][1]}, '{name}'")
        else:
            lines.append((meaning, f"'{name}'"))
    valid = "".join(f"\n  - {names}" for _, names in lines)
    how = "ambiguous" if near else "invalid"
    raise Usage(f"{how} argument {quote(value)} for {quote(option)}\nValid arguments are:{valid}", status=1)


def missing_operand(operands: Sequence[str], needed: int = 1, what: str = "operand") -> None:
    """Raise Usage if there are fewer ``operands`` (sequence of str) than are ``needed`` (int).

    >>> missing_operand(["old"], 2)
    Traceback (most recent call last):
    course.processes.simulated.programs.registry.Usage: missing operand after 'old'
    """
    if len(operands) < needed:
        raise Usage(f"missing {what} after {quote(operands[-1])}" if operands else f"missing {what}")


def extra_operand(operands: Sequence[str], allowed: int) -> None:
    """Raise Usage if there are more ``operands`` (sequence of str) than are ``allowed`` (int).

    >>> extra_operand(["a", "b"], 1)
    Traceback (most recent call last):
    course.processes.simulated.programs.registry.Usage: extra operand 'b'
    """
    if len(operands) > allowed:
        raise Usage(f"extra operand {quote(operands[allowed])}")
