"""Questions to predict: what a lesson asks before it shows, from the ``predict.toml`` beside its exercises.

::

    [[question]]
    id = "layers/what_is_an_image"
    text = "What is an image?"

    [[question.choice]]
    text = "A stack of read-only layers."
    right = true
    explanation = "Each stands on the one below, and a union view makes them look like one tree."

    [[question.choice]]
    text = "A disk with an operating system, as for a virtual machine."
    right = false
    explanation = "It holds files only: the kernel is the host's."
    misconception = 29    # its number in the list of misconceptions, for authors
"""

import tomllib
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import Any

from course.errors import ExerciseError
from course.shipped import shipped_folder
from course.words import _, shown

QUESTION: dict[str, type] = {"id": str, "text": str, "choice": list}
CHOICE: dict[str, type] = {"text": str, "right": bool, "explanation": str, "misconception": int}


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer to a question: ``text`` and ``explanation`` (str), whether it is ``right`` (bool).

    ``misconception`` is the number of the one that it stands for (int; 0: none).
    """

    text: str
    right: bool
    explanation: str
    misconception: int


@dataclass(frozen=True)
class Question:
    """One question, of whose ``choices`` (tuple of Choice) one is right.

    ``id`` is as in ``layers/what_is_an_image`` (str), ``lesson`` as in ``01_layers`` (str); ``text`` asks (str).
    """

    id: str
    lesson: str
    text: str
    choices: tuple[Choice, ...]

    @cached_property
    def right(self) -> Choice:
        """The right choice (Choice)."""
        return next(choice for choice in self.choices if choice.right)


def load_question(id: str) -> Question:  # noqa: A002 (a question's id is what everyone calls it)
    """Return the question whose id is ``id`` (str).

    Raises ExerciseError: there is none of this id (with the nearest one there is), or its file is not well made.
    """
    questions = {question.id: question for question in all_questions()}
    if id in questions:
        return questions[id]
    if near := get_close_matches(id, questions, n=1, cutoff=0.5):
        raise ExerciseError(_("there is no question '{id}'; did you mean '{near}'?").format(id=shown(id), near=near[0]))
    raise ExerciseError(
        _("there is no question '{id}'; there are: {known}.").format(id=shown(id), known=", ".join(questions))
    )


def all_questions() -> list[Question]:
    """Return every question, in the order of the lessons and then of their files (list of Question).

    Raises ExerciseError: a file is not well made.
    """
    files = sorted((shipped_folder() / "exercises").glob("*/predict.toml"))
    return [question for file in files for question in read_questions(file)]


def read_questions(file: Path) -> list[Question]:
    """Return the questions of one ``predict.toml`` (list of Question).  Raises ExerciseError: it is not well made."""
    lesson = file.parent.name
    try:
        tables = tomllib.loads(file.read_text("utf-8")).get("question", [])
    except ValueError as error:  # no TOML, or not UTF-8
        raise _flaw(file, "", str(error)) from error
    questions: list[Question] = []
    for table in tables:
        name = str(table.get("id", ""))
        _check(file, name, table, QUESTION)
        if name.partition("/")[0] != lesson.partition("_")[2]:
            raise _flaw(file, name, _("its id does not begin with the lesson's name, as in 'layers/what_is_an_image'"))
        if name in (question.id for question in questions):
            raise _flaw(file, name, _("another question has the same id"))
        choices = []
        for choice in table["choice"]:
            _check(file, name, choice := {"misconception": 0} | choice, CHOICE)
            choices.append(Choice(**choice | {key: _(choice[key]) for key in ("text", "explanation")}))
        if [choice.right for choice in choices].count(True) != 1:
            raise _flaw(file, name, _("of its choices not exactly one is right"))
        questions.append(Question(name, lesson, _(table["text"]), tuple(choices)))
    return questions


def _check(file: Path, name: str, table: dict[str, Any], fields: dict[str, type]) -> None:
    """Raise ExerciseError unless ``table``, in the question called ``name``, has these fields and no others."""
    for field, kind in fields.items():
        if type(table.get(field)) is not kind or table[field] in ("", []):
            raise _flaw(
                file, name, _("'{name}' is missing, empty, or no {kind}").format(name=field, kind=kind.__name__)
            )
    if unknown := table.keys() - fields.keys():
        raise _flaw(file, name, _("'{name}' is no field of it").format(name=min(unknown)))


def _flaw(file: Path, name: str, reason: str) -> ExerciseError:
    return ExerciseError(
        _("{where}, question '{name}': {reason}.").format(
            where=f"{file.parent.name}/{file.name}", name=name, reason=reason
        )
    )
