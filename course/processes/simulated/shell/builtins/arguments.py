"""The built-in command getopts: takes options from the positional parameters, one at a time."""

from typing import TYPE_CHECKING

from course.processes.simulated.shell.builtins.registry import builtin
from course.processes.simulated.shell.leaving import ShellError
from course.processes.simulated.shell.running import Executing

if TYPE_CHECKING:
    from course.processes.simulated.shell.shell import Shell


@builtin("getopts")
def getopts(shell: "Shell", words: list[str]) -> Executing:
    """Take the next option: from the positional parameters, or from the arguments behind the first two."""
    if len(words) < 3:
        raise ShellError("Usage: getopts optstring var [arg...]")
    known, name, arguments = words[1], words[2], words[3:] or shell.positional
    found = _next_option(shell, known, arguments)
    if found is None:
        shell.variables.unset("OPTARG")
        shell.assign(name, "?")
        return 1
    letter, value, problem = found
    if problem:
        quiet = known.startswith(":")
        if not quiet:
            yield from shell.process.complain(f"{problem}")
        value = letter if quiet else None
        letter = ":" if quiet and problem.startswith("No arg") else "?"
    if value is None:
        shell.variables.unset("OPTARG")
    else:
        shell.assign("OPTARG", value)
    shell.assign(name, letter)
    return 0


def _next_option(shell: "Shell", known: str, arguments: list[str]) -> tuple[str, str | None, str] | None:
    """Return an option's letter (str), its value (str or None) and what is wrong with it (str); None at the end."""
    at, offset = shell.option_place
    word = arguments[at] if at < len(arguments) else ""
    if offset == 1 and (not word.startswith("-") or word == "-" or word == "--"):
        _go_on(shell, at + (word == "--"), 1)
        return None
    letter, rest = word[offset], word[offset + 1 :]
    if letter == ":" or letter not in known:
        problem = f"Illegal option -{letter}"
        value = None
    elif f"{letter}:" not in known:
        problem, value = "", None
    elif rest or at + 1 < len(arguments):
        problem, value = "", rest or arguments[at + 1]
        at += not rest
        rest = ""
    else:
        problem, value = f"No arg for -{letter} option", None
    _go_on(shell, at if rest else at + 1, offset + 1 if rest else 1)
    return letter, value, problem


def _go_on(shell: "Shell", at: int, offset: int) -> None:
    """Remember which character of which argument comes next; OPTIND is the number of the argument behind that."""
    shell.variables["OPTIND"] = str(at + 1 + (offset > 1))
    shell.option_place = (at, offset)
