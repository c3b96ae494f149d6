"""The overview: how far a learner is in each lesson, as a table and as a map of the course."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from course.grading.exercise import all_exercises
from course.lessons.page import Page
from course.lessons.progress import Progress, progress
from course.lessons.questions import all_questions
from course.words import _

if TYPE_CHECKING:
    from course.figures import Figure


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a learner is in one ``lesson`` (str, ``01_layers``).

    ``points``, ``solved`` and ``predicted`` (all int) count what was done, ``points_possible``, ``exercises`` and
    ``questions`` (all int) what there is.  An exercise is solved when it has all its points.
    """

    lesson: str
    points: int
    points_possible: int
    solved: int
    exercises: int
    predicted: int
    questions: int

    @property
    def fraction(self) -> float:
        """How much of the lesson is done (float from 0 to 1); a prediction weighs as much as a point."""
        return (self.points + self.predicted) / (self.points_possible + self.questions)


def standings(progress: Progress) -> list[Standing]:
    """Return how far a learner is in every lesson that has exercises or questions (list of Standing)."""
    exercises, questions = all_exercises(), all_questions()
    found = []
    for lesson in sorted({exercise.lesson for exercise in exercises} | {question.lesson for question in questions}):
        here = [exercise for exercise in exercises if exercise.lesson == lesson]
        best = [min(progress.best(exercise.id), exercise.points) for exercise in here]
        asked = [question for question in questions if question.lesson == lesson]
        found.append(
            Standing(
                lesson,
                sum(best),
                sum(exercise.points for exercise in here),
                sum(points == exercise.points for points, exercise in zip(best, here, strict=True)),
                len(here),
                sum(progress.prediction(question.id) is not None for question in asked),
                len(asked),
            )
        )
    return found


def table(standings: list[Standing]) -> Page:
    """Return the table of a learner's progress (Page)."""
    head = [_("Lesson"), _("Points"), _("Exercises solved"), _("Predictions made")]
    rows = []
    for standing in standings:
        counts = [
            (standing.points, standing.points_possible),
            (standing.solved, standing.exercises),
            (standing.predicted, standing.questions),
        ]
        cells = [_("{done} of {all}").format(done=done, all=possible) for done, possible in counts]
        rows.append([standing.lesson.replace("_", " "), *cells])
    if any(standing.fraction for standing in standings):
        note = _("Your best run of each exercise counts; hints cost nothing.")
    else:
        note = _("Nothing yet. Lock in a prediction or run an exercise's cell, and it is counted here.")
    return Page.title(_("Your progress")) + Page.table(head, rows) + Page.paragraph(note)


def course_map() -> Figure:
    """Return the map of the course (Figure), lit by what this learner has done."""
    from course import figures
    from course.lessons.workspace import lessons

    return figures.course_map({standing.lesson: standing.fraction for standing in standings(progress())}, lessons())
