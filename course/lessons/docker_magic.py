"""``%docker`` and ``%%docker``: docker's own command lines in a notebook, on an engine that is the notebook's own."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from itertools import groupby
from operator import itemgetter

from course.engine.command_line.carrying_out import carry_out, reads_input
from course.engine.command_line.task import Outcome
from course.engine.command_line.words import split
from course.engine.engine import Engine
from course.engine.journal import Event
from course.errors import CourseError, DockerError
from course.processes.runtime import STDERR
from course.words import _, shown

SEED = 0  # so that a notebook prints the same ids on every run
SECONDS = re.compile(r"\d{1,6}", re.ASCII)


class Desk:
    """Where the docker lines of one notebook are carried out: ``engine`` (Engine) is the one they are about."""

    def __init__(self) -> None:
        self.engine = Engine(seed=SEED)

    def carry_out(self, line: str, stdin: bytes | None = None, is_terminal: bool = True) -> Outcome:
        """Carry out one line (str): a docker command, or ``undo``, ``redo``, ``reset`` and ``sleep SECONDS``.

        Those four are the course's own.  ``stdin`` is what the command reads (bytes), ``is_terminal`` whether a person
        reads its output (bool).

        >>> desk = Desk()
        >>> desk.carry_out("docker volume create data").text
        'data\\n'
        >>> desk.carry_out("undo").text, desk.carry_out("docker volume ls -q").text
        ('Undone: volume create data\\n', '')
        """
        try:
            return self.carry_out_words(split(line), stdin, is_terminal)
        except DockerError as error:
            return Outcome(b"", _written(str(error)), error.status)

    def carry_out_words(self, words: list[str], stdin: bytes | None = None, is_terminal: bool = True) -> Outcome:
        """Carry out one command, given as ``words`` (list of str), as ``carry_out`` does.  Raises DockerError."""
        own: dict[str, Callable[[], str]] = {"undo": self._undo, "redo": self._redo, "reset": self._reset}
        if words and words[0] == "sleep":
            return Outcome(_written(self._sleep(words[1:])))
        if words and words[0] in own:
            if words[1:]:
                raise DockerError(_("{command} takes no more words").format(command=words[0]))
            return Outcome(_written(own[words[0]]()))
        outcome = carry_out(self.engine, words, stdin=stdin, is_terminal=is_terminal)
        is_help = not words or words in (["help"], ["--help"], ["-h"])
        return Outcome(outcome.stdout + _written("\n" + own_help())) if is_help else outcome

    def _undo(self) -> str:
        event = self.engine.undo()
        return _("Undone: {command}").format(command=told(event)) if event else _("There is nothing to undo.")

    def _redo(self) -> str:
        event = self.engine.redo()
        return _("Done again: {command}").format(command=told(event)) if event else _("There is nothing to do again.")

    def _reset(self) -> str:
        self.engine = Engine(seed=SEED)
        return _("This is a new engine: no containers, no images, nothing to undo.")

    def _sleep(self, words: list[str]) -> str:
        if len(words) != 1 or not SECONDS.fullmatch(words[0]):
            raise DockerError(_("say how many seconds are to pass, as in `sleep 5`"))
        self.engine.sleep(int(words[0]))
        return ""


def own_help() -> str:
    """Return what `docker --help` says of the course's own commands (str)."""
    return _(
        "The course's own commands:\n"
        "  undo        Take the last command back\n"
        "  redo        Do again what was taken back\n"
        "  sleep       Let so many seconds pass\n"
        "  reset       Begin anew, with an empty engine"
    )


def told(event: Event) -> str:
    """Return a command that was carried out, in short (str)."""
    names = {"take_image": "pull", "start_attached": "start", "import_": "import", "cp_to": "cp", "cp_tar": "cp"}
    words = [names.get(event.command, event.command.replace("_", " "))]
    for argument in event.arguments:
        words += [argument] if isinstance(argument, str) else []
    if event.command == "take_image":
        words += [str(name) for name in event.arguments[1][:1]]
    return shown(" ".join(words))


def _written(text: str) -> bytes:
    return (text + "\n").encode("utf-8", "surrogateescape") if text else b""


# In a notebook

_desks: list[Desk] = []


def desk() -> Desk:
    """Return the desk of this notebook's kernel (Desk)."""
    if not _desks:
        _desks.append(Desk())
    return _desks[0]


def engine() -> Engine:
    """Return the engine that this notebook's docker lines are about (Engine)."""
    return desk().engine


def docker_line(line: str) -> None:
    """Carry out one docker command, ``%docker ps -a``, and print what docker prints.

    ``%docker undo``, ``%docker redo``, ``%docker reset`` and ``%docker sleep 5`` are the course's own.
    """
    _print(desk().carry_out(line))


def docker_cell(line: str, cell: str) -> None:
    """Carry out the docker commands in a cell, one a line; or, with a command on the first line, give it the rest.

    ::

        %%docker
        # two commands
        docker run -d --name web base:1 sleep 1000
        docker ps

        %%docker run -i base:1 sh
        echo this is what the shell reads
    """
    if line.strip():
        _print(_with_input(line, cell))
        return
    for command in commands(cell):
        print(f"$ {command.removeprefix('$ ')}")
        _print(desk().carry_out(command))


def _with_input(line: str, cell: str) -> Outcome:
    try:
        words = split(line)
    except CourseError as error:
        return Outcome(b"", _written(str(error)), 2)
    if cell.strip() and not reads_input(words):
        note = _(
            "What stands below `%%docker {line}` would be its input, and this command reads none. Give it `-i`; or put "
            "the commands, one a line, below `%%docker` alone."
        )
        return Outcome(b"", _written(note.format(line=shown(line.strip()))), 2)
    return desk().carry_out(line, cell.encode())


def commands(text: str) -> Iterator[str]:
    r"""Yield the commands in ``text`` (str each), one a line; a backslash at its end carries a line on.

    >>> list(commands("# first\ndocker ps\n\ndocker run \\\n  base:1 true"))
    ['docker ps', 'docker run \\\n  base:1 true']
    """
    pending = ""
    for line in text.split("\n"):
        if not pending and (not line.strip() or line.lstrip().startswith("#")):
            continue
        pending += line
        if line.endswith("\\"):
            pending += "\n"
            continue
        yield pending.strip()
        pending = ""
    if pending.strip():
        yield pending.rstrip().removesuffix("\\").strip()


def _print(outcome: Outcome) -> None:
    for number, pieces in groupby(outcome.in_turn, key=itemgetter(0)):
        stream = sys.stderr if number == STDERR else sys.stdout
        stream.write(b"".join(data for _number, data in pieces).decode("utf-8", "replace"))
        stream.flush()
