"""An exercise: a folder with what a learner writes and how it is checked.

::

    exercises/01_layers/lookup/
      exercise.toml    what it is: title, points, minutes, three hints, …
      start.py         what the learner gets
      checks.py        the checks and the diagnoses of known mistakes (see course.grading.checks)
      solution.py      what the checks' expected values come from
      wrong/*.py       wrong answers, each naming the check and the diagnosis that must catch it
"""

from __future__ import annotations

import re
import runpy
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from course.errors import ExerciseError
from course.grading.checks import Check, Diagnosis
from course.shipped import shipped_folder
from course.words import _, nearest, shown

FIELDS: dict[str, type] = {
    "id": str,
    "lesson": str,
    "order": int,
    "title": str,
    "points": int,
    "minutes": int,
    "difficulty": int,
    "importance": int,
    "needs": str,
    "function": str,
    "hints": list,
}
NEEDS = ("simulation", "overlay", "namespaces", "root")
HINTS = 3  # a concept, a pointer, pseudo-code
NAMED = re.compile(r'^(?:# *)?(check|diagnosis) *= *"([^"]*)"', re.MULTILINE)


@dataclass(frozen=True)
class WrongAnswer:
    """A wrong answer that an author expects: its ``source`` (str), and the ``check`` and ``diagnosis`` that catch it.

    The source names both in its first lines: ``# check = "top-wins"``, ``# diagnosis = "lowest-wins"``.
    """

    name: str
    source: str
    check: str
    diagnosis: str


@dataclass(frozen=True)
class Exercise:
    """One exercise, as its folder says it.

    ``id`` (str, ``layers/lookup``) and ``lesson`` (str, ``01_layers``) name it; ``title`` and the three ``hints`` (str:
    the concept, a pointer, pseudo-code) are for the learner, who writes the function ``function`` (str).  ``points``
    and ``minutes`` are int, ``difficulty`` and ``importance`` int from 1 to 3; ``needs`` is what it needs (str:
    simulation, overlay, namespaces or root); ``order`` is its place in the lesson (int).
    """

    id: str
    lesson: str
    title: str
    points: int
    minutes: int
    difficulty: int
    importance: int
    needs: str
    function: str
    hints: tuple[str, str, str]
    folder: Path
    order: int = 0

    @cached_property
    def start(self) -> str:
        """What the learner gets (str): the function's signature and what it is to do.  Raises ExerciseError."""
        return _read(self.folder / "start.py")

    @cached_property
    def solution(self) -> str:
        """The right answer (str).  Raises ExerciseError."""
        return _read(self.folder / "solution.py")

    @cached_property
    def solve(self) -> Callable[..., Any]:
        """The function of the right answer, which says what each case should give.  Raises ExerciseError."""
        solve: Callable[..., Any] = _variables(self.folder / "solution.py", self.function)[0]
        return solve

    @property
    def checks(self) -> Sequence[Check]:
        """The checks, in the order in which they are tried (sequence of Check).  Raises ExerciseError."""
        return tuple(self._checks_and_diagnoses[0])

    @property
    def diagnoses(self) -> Sequence[Diagnosis]:
        """The known mistakes, the likeliest first (sequence of Diagnosis).  Raises ExerciseError."""
        return tuple(self._checks_and_diagnoses[1])

    @cached_property
    def _checks_and_diagnoses(self) -> list[Any]:
        return _variables(self.folder / "checks.py", "CHECKS", "DIAGNOSES")

    @cached_property
    def wrong(self) -> list[WrongAnswer]:
        """The wrong answers that must be caught (list of WrongAnswer).  Raises ExerciseError."""
        answers = []
        for path in sorted((self.folder / "wrong").glob("*.py")):
            source = _read(path)
            named = dict(NAMED.findall(source))
            answers.append(WrongAnswer(path.stem, source, named.get("check", ""), named.get("diagnosis", "")))
        return answers


def load_exercise(id: str) -> Exercise:  # noqa: A002 (an exercise's id is what everyone calls it)
    """Return the exercise whose id is ``id`` (str).

    Raises ExerciseError: there is none of this id (with the nearest one there is), or its folder is not well made.

    >>> load_exercise("layers/lookup").function
    'lookup'
    """
    folders = {_id(folder): folder for folder in exercise_folders()}
    if id in folders:
        return read_exercise(folders[id])
    if near := nearest(id, folders):
        raise ExerciseError(_("there is no exercise '{id}'; did you mean '{near}'?").format(id=shown(id), near=near))
    raise ExerciseError(
        _("there is no exercise '{id}'; there are: {known}.").format(id=shown(id), known=", ".join(folders))
    )


def all_exercises() -> list[Exercise]:
    """Return every exercise, in the order of the lessons and then its own (list of Exercise).  Raises ExerciseError."""
    exercises = [read_exercise(folder) for folder in exercise_folders()]
    return sorted(exercises, key=lambda exercise: (exercise.lesson, exercise.order, exercise.id))


def read_exercise(folder: Path) -> Exercise:
    """Return the exercise that ``folder`` (Path) holds.  Raises ExerciseError: it is not well made, and why."""
    where = folder / "exercise.toml"
    try:
        data = tomllib.loads(_read(where))
    except tomllib.TOMLDecodeError as error:
        raise _flaw(where, str(error)) from error
    for name, kind in FIELDS.items():
        if type(data.get(name)) is not kind:
            raise _flaw(where, _("'{name}' is missing, or is no {kind}").format(name=name, kind=kind.__name__))
    if unknown := data.keys() - FIELDS.keys():
        raise _flaw(where, _("'{name}' is no field of an exercise").format(name=min(unknown)))
    if data["id"] != _id(folder) or data["lesson"] != folder.parent.name:
        raise _flaw(
            where,
            _("its folder says id '{id}' and lesson '{lesson}'").format(id=_id(folder), lesson=folder.parent.name),
        )
    if not all(data[name] in (1, 2, 3) for name in ("difficulty", "importance")):
        raise _flaw(where, _("'difficulty' and 'importance' go from 1 to 3"))
    if data["needs"] not in NEEDS:
        raise _flaw(where, _("'needs' is none of {known}").format(known=", ".join(NEEDS)))
    if len(data["hints"]) != HINTS or not all(isinstance(hint, str) for hint in data["hints"]):
        raise _flaw(where, _("'hints' are three texts: the concept, a pointer, pseudo-code"))
    data["title"] = _(data["title"])
    data["hints"] = tuple(_(hint) for hint in data["hints"])
    return Exercise(folder=folder, **data)


def exercise_folders() -> list[Path]:
    """Return the folder of every exercise (list of Path), whether it is well made or not."""
    return sorted(path for path in (shipped_folder() / "exercises").glob("*/*/") if path.name[0] not in "._")


def _id(folder: Path) -> str:
    return f"{folder.parent.name.partition('_')[2]}/{folder.name}"


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except FileNotFoundError:
        raise _flaw(path, _("there is no such file")) from None
    except UnicodeDecodeError:
        raise _flaw(path, _("it is not UTF-8")) from None


def _variables(path: Path, *names: str) -> list[Any]:
    """Run one of an exercise's own files, which is trusted, and return some of its variables."""
    _read(path)
    try:
        module = runpy.run_path(str(path))
    except Exception as error:
        raise _flaw(path, f"{type(error).__name__}: {error}") from error
    if missing := [name for name in names if name not in module]:
        raise _flaw(path, _("'{name}' is not defined in it").format(name=missing[0]))
    return [module[name] for name in names]


def _flaw(path: Path, reason: str) -> ExerciseError:
    where = f"{path.parent.parent.name}/{path.parent.name}/{path.name}"
    return ExerciseError(
        _("exercise {where}: {reason}; `course author check` lists all that is to be mended.").format(
            where=where, reason=reason
        )
    )
