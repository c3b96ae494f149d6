"""The working copy: the notebooks that a learner opens and writes in, apart from the course's own.

::

    workspace/                    $COURSE_WORKSPACE; or in the checkout, where git ignores it; or ~/layer-by-layer
      01_layers.ipynb             what the learner writes in
      .course/originals/          each notebook as the course had it when the working copy was last brought up to date
      .course/backups/            what was there before anything was rewritten

Nothing that a learner wrote is lost: a notebook is copied to the backups before the course writes to it.
"""

import itertools
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path

from course.errors import WorkspaceError
from course.files import replacing
from course.lessons.merging import Notebook, as_jupyter_does, exercise_id, merge, source
from course.shipped import PACKAGE, shipped_folder
from course.words import _, shown


def workspace_folder() -> Path:
    """Return the folder (Path) of the working copy, which need not be there yet.  Raises CourseError: no course."""
    if chosen := os.environ.get("COURSE_WORKSPACE"):
        return Path(chosen).absolute()
    course = shipped_folder()
    return course / "workspace" if course == PACKAGE.parent else Path.home() / "layer-by-layer"


def lessons() -> list[str]:
    """Return the name (str, ``01_layers``) of each lesson that the course has, in their order."""
    folder = shipped_folder() / "notebooks"
    names = (path.relative_to(folder).with_suffix("") for path in folder.rglob("*.ipynb"))
    return sorted(name.as_posix() for name in names if ".ipynb_checkpoints" not in name.parts)


def find_lesson(name: str) -> str:
    """Return the lesson (str, ``01_layers``) that is called ``name`` (str): in full, by number, or without its number.

    Raises WorkspaceError: there is none; the message offers the nearest.

    >>> find_lesson("1") == find_lesson("layers") == find_lesson("01_layers.ipynb")
    True
    """
    if lesson := _lesson(name):
        return lesson
    raise _unknown(name, lessons())


def prepare() -> list[str]:
    """Make the working copy, or bring it up to date; return what the learner should know about it (list of str).

    A notebook that is missing is copied; one that the course has a newer version of is merged with it (see
    `course.lessons.merging`); one that is no notebook any more is set aside.  Raises WorkspaceError: the working copy
    cannot be written, or one of the course's notebooks is damaged.
    """
    with _failures_in_words():
        return [said for lesson in lessons() if (said := _bring_up_to_date(lesson))]


def reset(name: str) -> str:
    """Restore a lesson, or one exercise (str, ``layers/lookup``), to what the course has; return what to know (str).

    What the learner had is kept among the backups.  Raises WorkspaceError: nothing is called ``name``, or the working
    copy cannot be written.
    """
    exercises = {exercise_id(cell): lesson for lesson in lessons() for cell in _shipped(lesson)["cells"]}
    exercises.pop("", None)
    lesson = _lesson(name) or exercises.get(name)
    if lesson is None:
        raise _unknown(name, [*lessons(), *exercises])
    prepare()
    with _failures_in_words():
        path = _copy_of(lesson)
        backup = _backup(path)
        if name in exercises:
            mine = json.loads(path.read_bytes())
            _write(path, as_jupyter_does(_with_fresh_exercise(mine, _shipped(lesson), name)))
        else:
            _write(path, _original_of(lesson).read_bytes())
    return _(
        "{name} is as the course has it. What you had is kept in {backup}. "
        "Where the notebook is open, choose File > Reload Notebook from Disk."
    ).format(name=name if name in exercises else lesson, backup=shown(str(backup)))


def _bring_up_to_date(lesson: str) -> str:
    """Copy or merge one notebook into the working copy; return what the learner should know (str), if anything."""
    path, original = _copy_of(lesson), _original_of(lesson)
    now = _shipped(lesson)
    mine = _notebook(path)
    known = original.read_bytes() if original.exists() else b""
    shipped = _shipped_path(lesson).read_bytes()
    said = ""
    if mine is None:
        if path.exists():
            said = _(
                "{notebook} was no notebook any more: a fresh one is in its place, and the old one in {backup}."
            ).format(notebook=shown(str(path)), backup=shown(str(_backup(path))))
        _write(path, shipped)
    elif known != shipped:
        base = _notebook(original) or {"cells": []}
        merged = merge(base, mine, now)
        if merged != mine:
            said = _("{lesson} has a newer version; what you wrote in it is kept, and what it was in {backup}.").format(
                lesson=lesson, backup=shown(str(_backup(path)))
            )
            _write(path, as_jupyter_does(merged))
    if known != shipped:
        _write(original, shipped)  # last: if this is not reached, the merge is done again, and changes nothing more
    return said


def _with_fresh_exercise(mine: Notebook, shipped: Notebook, name: str) -> Notebook:
    """Return ``mine`` (a notebook) with the cell of exercise ``name`` (str) as it is in ``shipped`` (a notebook)."""
    [fresh] = [cell for cell in shipped["cells"] if exercise_id(cell) == name]
    for number, cell in enumerate(mine["cells"]):
        if exercise_id(cell) == name or cell.get("id", "") == fresh["id"]:
            return {**mine, "cells": [*mine["cells"][:number], fresh, *mine["cells"][number + 1 :]]}
    others = {**shipped, "cells": [cell for cell in shipped["cells"] if cell is not fresh]}
    return merge(others, mine, shipped)


def _lesson(name: str) -> str:
    """Return the lesson (str) that ``name`` (str) means, or an empty text."""
    asked = name.removesuffix(".ipynb")
    for lesson in lessons():
        number, _rule, title = lesson.partition("_")
        if asked in (lesson, title) or (asked.isdecimal() and number.isdecimal() and int(asked) == int(number)):
            return lesson
    return ""


def _unknown(name: str, known: list[str]) -> WorkspaceError:
    near = get_close_matches(name, known, n=1, cutoff=0.4)
    if near:
        return WorkspaceError(_("there is no '{name}'; did you mean '{near}'?").format(name=shown(name), near=near[0]))
    return WorkspaceError(
        _("there is no '{name}'; there are: {known}.").format(name=shown(name), known=", ".join(known))
    )


def _shipped_path(lesson: str) -> Path:
    return shipped_folder() / "notebooks" / f"{lesson}.ipynb"


def _copy_of(lesson: str) -> Path:
    return workspace_folder() / f"{lesson}.ipynb"


def _original_of(lesson: str) -> Path:
    return workspace_folder() / ".course" / "originals" / f"{lesson}.ipynb"


def _shipped(lesson: str) -> Notebook:
    notebook = _notebook(_shipped_path(lesson))
    if notebook is None:
        raise WorkspaceError(
            _("the course's own {path} is damaged; `git restore` brings it back.").format(path=_shipped_path(lesson))
        )
    return notebook


def _notebook(path: Path) -> Notebook | None:
    """Return the notebook (dict) that a file holds, or None: there is no file, or it holds something else."""
    try:
        notebook: Notebook = json.loads(path.read_bytes())
        for cell in notebook["cells"]:
            source(cell)
    except FileNotFoundError:
        return None
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
    return notebook


def _backup(path: Path) -> Path:
    """Copy a notebook of the working copy to a new file (Path) among the backups."""
    folder = workspace_folder()
    inside = path.relative_to(folder).with_suffix(f".{datetime.now():%Y-%m-%d_%H-%M-%S}.ipynb")
    names = itertools.chain([inside], (inside.with_suffix(f".{count}.ipynb") for count in itertools.count(2)))
    backup = next(copy for name in names if not (copy := folder / ".course" / "backups" / name).exists())
    _write(backup, path.read_bytes())
    return backup


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as file:
        file.write(data)


@contextmanager
def _failures_in_words() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise WorkspaceError(
            _(
                "the working copy {folder} cannot be written ({reason}); $COURSE_WORKSPACE may name another folder."
            ).format(folder=shown(str(workspace_folder())), reason=f"{error.strerror}: {shown(str(error.filename))}")
        ) from error
