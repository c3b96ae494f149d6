"""The built-in command set: options, positional parameters, and the list of all variables."""

from collections.abc import Generator
from typing import TYPE_CHECKING

from course.processes.simulated.process import Waiting
from course.processes.simulated.shell.builtins.registry import builtin, quoted, write
from course.processes.simulated.shell.leaving import ShellError
from course.processes.simulated.shell.running import Executing

if TYPE_CHECKING:
    from course.processes.simulated.shell.shell import Shell

LETTERS = "efIimnsxvVECabup"  # the options that one letter sets, in the order of `$-`
OPTIONS = dict(
    zip(
        "errexit noglob ignoreeof interactive monitor noexec stdin xtrace verbose vi emacs noclobber allexport notify "
        "nounset privileged nolog debug".split(),
        [*"efIimnsxvVECabup", "nolog", "debug"],
        strict=True,
    )
)


@builtin("set")
def set_options(shell: "Shell", words: list[str]) -> Executing:
    """Set options and positional parameters; without arguments, list all variables."""
    if len(words) == 1:
        known = shell.variables.marked()
        yield from write(shell, "".join(f"{name}={quoted(value)}\n" for name, value in known if value is not None))
        return 0
    rest, given = yield from take_options(shell, words[1:])
    if given:
        shell.positional, shell.option_place = rest, (0, 1)
    return 0


def take_options(shell: "Shell", words: list[str]) -> Generator[Waiting, None, tuple[list[str], bool]]:
    """Set the options at the head of ``words`` (list of str); return the rest, and whether there is any (bool).

    An empty rest behind ``--`` counts.  Raises ShellError.
    """
    rest = list(words)
    while rest and rest[0][:1] in ("-", "+"):
        word = rest.pop(0)
        if word in ("-", "--"):
            if word == "-":
                shell.options -= {"x", "v"}
            return rest, bool(rest) or word == "--"
        for letter in word[1:]:
            if letter == "o":
                yield from _named_option(shell, rest, word[0] == "-")
            else:
                set_option(shell, letter, word[0] == "-")
    return rest, bool(rest)


def set_option(shell: "Shell", letter: str, on: bool) -> None:
    """Turn the option ``letter`` (str) ``on`` or off (bool).  Raises ShellError: there is none of that letter."""
    if letter not in LETTERS:
        raise ShellError(f"Illegal option -{letter}")
    if on:
        shell.options.add(letter)
    else:
        shell.options.discard(letter)


def _named_option(shell: "Shell", rest: list[str], on: bool) -> Generator[Waiting, None, None]:
    if rest:
        name = rest.pop(0)
        if name not in OPTIONS:
            raise ShellError(f"Illegal option -o {name}")
        shell.options = shell.options | {OPTIONS[name]} if on else shell.options - {OPTIONS[name]}
        return
    state = {name: letter in shell.options for name, letter in OPTIONS.items()}
    if on:
        lines = ["Current option settings", *(f"{name:<16}{'on' if is_on else 'off'}" for name, is_on in state.items())]
    else:
        lines = [f"set {'-' if is_on else '+'}o {name}" for name, is_on in state.items()]
    yield from write(shell, "".join(f"{line}\n" for line in lines))
