"""A command line as docker reads it: the command, its options and operands, or docker's refusal.

Rule: spf13/pflag, flag.go, and spf13/cobra, args.go, as docker/cli uses them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from course.engine.command_line.checks import CHECKS
from course.engine.command_line.declarations import ALIASES, COMMANDS_LEFT_OUT, GROUPS, Command, Option, commands
from course.engine.command_line.kinds import KINDS, added
from course.engine.command_line.usage import group_help, help_text, root_help, usage_lines
from course.engine.committing import VERSION
from course.engine.go_text import quoted, quoted_character
from course.errors import DockerError
from course.words import _, nearest, shown

FLAG_ERROR = 125  # docker's exit status for an option that it cannot read
HELP_LETTER_IS_OLD = "Flag shorthand -h has been deprecated, please use --help"


@dataclass(frozen=True, slots=True)
class Call:
    """A command line that was understood.

    ``command`` is the command (Command; None where there is only help), ``options`` what was given, by option names
    with ``_`` in place of ``-`` (dict), ``operands`` the other words (list of str).  ``help`` is what to print instead
    of doing anything (str).
    """

    command: Command | None
    options: dict[str, Any] = field(default_factory=dict)
    operands: list[str] = field(default_factory=list)
    help: str = ""


def parse(words: Sequence[str]) -> Call:
    """Return what the words after ``docker`` (sequence of str) ask for (Call).  Raises DockerError, in docker's words.

    >>> call = parse(["run", "-it", "-eA=b", "base:1", "sh", "-c", "id"])
    >>> call.command.name, call.options, call.operands
    ('run', {'interactive': True, 'tty': True, 'env': ['A=b']}, ['base:1', 'sh', '-c', 'id'])
    """
    words = list(words)
    if words[:1] == ["help"]:
        return _help(words[1:])
    if not words or words[0] in ("--help", "-h"):
        return Call(None, help=root_help())
    if words[0] in ("-v", "--version"):
        return Call(None, help=f"Docker version {VERSION}, simulated by Layer by Layer")
    if words[0].startswith("-"):
        raise _refused(_unknown(words[0]), "", f"\n\n{root_help()}")
    if words[0] in GROUPS:
        return _in_group(words[0], words[1:])
    if words[0] not in commands():
        raise _no_command(words[0])
    return _Parser(commands()[words[0]]).parse(words[1:])


def _help(topic: list[str]) -> Call:
    if not topic:
        return Call(None, help=root_help())
    if topic[0] in GROUPS and len(topic) == 1:
        return Call(None, help=group_help(topic[0]))
    name = " ".join(topic[:2] if topic[0] in GROUPS else topic[:1])
    if name not in commands():
        raise DockerError(f"unknown help topic: {shown(' '.join(topic))}")
    return Call(commands()[name], help=help_text(commands()[name]))


def _in_group(group: str, words: list[str]) -> Call:
    if not words or words[0] in ("--help", "-h"):
        return Call(None, help=group_help(group))
    if words[0].startswith("-"):
        raise _refused(_unknown(words[0]), f"{group} ", f"\n\n{group_help(group)}")
    name = f"{group} {words[0]}"
    if name not in commands():  # docker prints the help of the group, and nothing else
        known = [name.split()[1] for name in commands() if name.startswith(f"{group} ") and name not in ALIASES]
        near = nearest(words[0], known)
        raise DockerError("\n" + group_help(group) + (_suggestion(f"docker {group} {near}") if near else ""))
    return _Parser(commands()[name]).parse(words[1:])


def _no_command(word: str) -> DockerError:
    if word in COMMANDS_LEFT_OUT:
        return DockerError(_("docker {name} is a command of docker that is not simulated here").format(name=word))
    message = f"docker: '{shown(word)}' is not a docker command.\nSee 'docker --help'"
    near = nearest(word, [*GROUPS, *(name for name in commands() if " " not in name)])
    return DockerError(message + (_suggestion(f"docker {near}") if near else ""))


def _suggestion(right: str) -> str:
    return "\n" + _("Did you mean {right}?").format(right=right)


def _refused(message: str, command: str, more: str = "") -> DockerError:
    """Return the refusal of an option; ``command`` is empty, or a command's name and a space."""
    return DockerError(f"{message}\nSee 'docker {command}--help'.{more}", FLAG_ERROR)


def _unknown(word: str) -> str:
    if word.startswith("--"):
        return f"unknown flag: {shown(word.partition('=')[0])}"
    return f"unknown shorthand flag: {quoted_character(word[1:2])} in {shown(word)}"


class _Parser:
    """Reads the words after one command's name."""

    def __init__(self, command: Command) -> None:
        self.command = command
        self.long = {option.name: option for option in command.options}
        self.short = {option.short: option for option in command.options if option.short}
        self.options: dict[str, Any] = {}
        self.operands: list[str] = []
        self.rest: list[str] = []
        self.help = ""

    def parse(self, words: list[str]) -> Call:
        self.rest = words[::-1]  # the next word is the last one
        while self.rest and not self.help:
            word = self.rest.pop()
            if word == "--":
                break
            if len(word) < 2 or word[0] != "-":
                self.operands.append(word)
                if not self.command.interspersed:
                    break
            elif word.startswith("--"):
                self.read_long(word)
            else:
                self.read_letters(word[1:])
        if self.help:
            return Call(self.command, help=self.help)
        self.operands += self.rest[::-1]
        self.count_operands()
        return Call(self.command, self.options, self.operands)

    def read_long(self, word: str) -> None:
        name, equals, value = word[2:].partition("=")
        if not name or name[0] == "-":
            raise self.refused(f"bad flag syntax: {shown(word)}")
        if name == "help":
            self.help = help_text(self.command)
            return
        option = self.long.get(name)
        if option is None:
            raise self.unknown(_unknown(word), name)
        if equals:
            self.set(option, value)
        elif option.kind == "bool":
            self.set(option, "true")
        else:
            self.set(option, self.next_word(f"--{name}"))

    def read_letters(self, letters: str) -> None:
        whole = letters
        while letters:
            option = self.short.get(letters[0])
            if option is None:
                if letters[0] == "h":
                    self.help = f"{HELP_LETTER_IS_OLD}\n\n{help_text(self.command)}"
                    return
                raise self.unknown(_unknown(f"-{letters}"), whole)
            if len(letters) > 2 and letters[1] == "=":
                self.set(option, letters[2:])
                return
            if option.kind != "bool":
                self.set(option, letters[1:] or self.next_word(f"{quoted_character(letters[0])} in -{letters}"))
                return
            self.set(option, "true")
            letters = letters[1:]

    def next_word(self, place: str) -> str:
        if not self.rest:
            raise self.refused(f"flag needs an argument: {place}")
        return self.rest.pop()

    def set(self, option: Option, text: str) -> None:
        try:
            value = KINDS.get(option.name, KINDS[option.kind])(text)
            CHECKS.get((self.command.does, option.name), CHECKS.get(("", option.name), str))(text)
        except ValueError as error:
            raise self.refused(f"invalid argument {quoted(text)} for {quoted(option.spelled)} flag: {error}") from None
        key = option.name.replace("-", "_")
        self.options[key] = added(option.kind, self.options.get(key), value)

    def unknown(self, message: str, name: str) -> DockerError:
        """Return the refusal of an option that is not there; ``name`` is what was written after the hyphens."""
        if name in self.command.left_out:
            known = _("--{name} is an option of docker that is not simulated here").format(name=name)
            return DockerError(known, FLAG_ERROR)
        near = nearest(name, self.long) if len(name) > 1 else ""
        return self.refused(message, _suggestion(f"--{near}") if near else "")

    def refused(self, message: str, suggestion: str = "") -> DockerError:
        return _refused(message, f"{self.command.name} ", suggestion)

    def count_operands(self) -> None:
        least, most = self.command.operands
        count = len(self.operands)
        if count >= least and (most is None or count <= most):
            return
        if most == 0:
            wanted = "accepts no arguments"
        elif most is None:
            wanted = f"requires at least {_arguments(least)}"
        elif least == 0:
            wanted = f"requires at most {_arguments(most)}"
        elif least == most:
            wanted = f"requires exactly {_arguments(most)}"
        else:
            wanted = f"requires at least {least} and at most {_arguments(most)}"
        name = self.command.name
        raise DockerError(
            f"\"docker {name}\" {wanted}.\nSee 'docker {name} --help'.\n\n"
            f"{usage_lines(self.command)}\n\n{self.command.summary}"
        )


def _arguments(count: int) -> str:
    return f"{count} argument{'s' if count != 1 else ''}"
