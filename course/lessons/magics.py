"""The magics of a notebook: ``%%exercise``, ``%hint``, ``%progress`` and ``%docker``."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from functools import wraps
from pathlib import Path
from traceback import walk_tb
from types import CodeType
from typing import Any

from course.errors import CourseError, ExerciseError, MachineError
from course.grading.exercise import Exercise, all_exercises, load_exercise
from course.grading.judge import judge
from course.lessons import docker_magic
from course.lessons.feedback import feedback, no_python, not_started
from course.lessons.overview import standings, table
from course.lessons.page import Page, show
from course.lessons.progress import progress
from course.lessons.refusals import tell_refusals
from course.words import _, _n


def load_ipython_extension(shell: Any) -> None:
    """Give the magics to an IPython shell, and refusals in one sentence: what ``%load_ext course`` calls."""
    from IPython.core.magic import no_var_expand  # docker's templates have braces, and its commands dollar signs

    magics = Magics(shell)
    shell.register_magic_function(displayed(magics.exercise), "cell", "exercise")
    shell.register_magic_function(displayed(magics.hint), "line", "hint")
    shell.register_magic_function(displayed(magics.progress), "line", "progress")
    shell.register_magic_function(no_var_expand(docker_magic.docker_line), "line", "docker")
    shell.register_magic_function(no_var_expand(docker_magic.docker_cell), "cell", "docker")
    tell_refusals(shell)


def displayed(magic: Callable[..., Page]) -> Callable[..., None]:
    """Return a magic that displays the page that ``magic`` returns, or in one sentence why there is none."""

    @wraps(magic)
    def displaying(*args: str) -> None:
        try:
            page = magic(*args)
        except CourseError as error:
            page = Page.problem(error)
        except KeyboardInterrupt:
            page = Page.paragraph(_("Interrupted: this run does not count."), "problem")
        show(page)

    return displaying


class Magics:
    """The magics of one notebook: they remember which exercise was run last (``last``, str: its id)."""

    def __init__(self, shell: Any) -> None:
        self.shell = shell
        self.last = ""

    def exercise(self, line: str, cell: str) -> Page:
        """Judge the cell's text as an answer to the exercise that the first line names, and run it here as well.

        ::

            %%exercise layers/lookup
            def lookup(layers, path):
                …

        The judge sees nothing but this text.  Once it could run it, the notebook does so too, and later cells can use
        what it defines.  Below stands what each check found.
        """
        exercise = load_exercise(_named(line, _("name the exercise, as in `%%exercise layers/lookup`.")))
        self.last = exercise.id
        answer = "\n" + cell  # for the magic's own line: so the judge, too, counts lines as the cell does
        name = self.shell.compile.cache(answer, self.shell.execution_count)
        try:
            code = compile(answer, name, "exec")
        except (SyntaxError, ValueError) as error:  # ValueError is what Python before 3.11.4 says of a NUL byte
            return no_python(error)
        if cell.split() == exercise.start.split():
            self.run(code)
            return not_started(exercise)
        try:
            report = judge(exercise, answer)
        except MachineError as error:
            return Page.problem(error) + Page.paragraph(self.run(code), "problem")
        ran = not report.problem or any(result.tried for result in report.results)
        notes = Page.paragraph(self.run(code) if ran else "", "problem")
        notes += Page.paragraph(progress().record("attempt", exercise.id, points=report.points))
        return feedback(exercise, report, notes, next_step(exercise))

    def run(self, code: CodeType) -> str:
        """Run an answer in the notebook; return what it raised (str), or an empty text.

        What it prints is dropped: the judge shows it.
        """
        with (
            Path(os.devnull).open("w", encoding="utf-8", errors="replace") as nothing,
            redirect_stdout(nothing),
            redirect_stderr(nothing),
        ):
            try:
                exec(code, self.shell.user_ns)  # noqa: S102 (the learner's own code, in the learner's own kernel)
            except (Exception, SystemExit) as error:
                lines = [
                    line for frame, line in walk_tb(error.__traceback__) if frame.f_code.co_filename == code.co_filename
                ]
                return _(
                    "In this notebook the cell stopped at line {line} with {kind}: {error}. The judge starts afresh; "
                    "here, names from other cells may be in the way."
                ).format(line=lines[-1], kind=type(error).__name__, error=error)
        return ""

    def hint(self, line: str) -> Page:
        """Show the next of three hints, for the exercise that was run last or the one named: ``%hint layers/lookup``.

        First the concept, then a pointer, then pseudo-code.  Hints are counted, and cost nothing.
        """
        last = self.last or progress().last_exercise()
        asking = _("which exercise? Run its cell first, or name it, as in `%hint layers/lookup`.")
        exercise = load_exercise(_named(line or last, asking))
        count = min(progress().hints(exercise.id) + 1, len(exercise.hints))
        note = progress().record("hint", exercise.id, number=count)
        kinds = (_("the concept"), _("where to look"), _("the steps in words"))
        page = Page.title(exercise.title)
        for number, (kind, hint) in enumerate(zip(kinds, exercise.hints, strict=True), 1):
            if number <= count:
                head = _("Hint {number} of {all}: {kind}").format(number=number, all=len(kinds), kind=kind)
                page += Page.prose(hint).folded(head, opened=number == count)
        if left := len(kinds) - count:
            more = _n("One more is left: `%hint` shows it.", "{count} more are left: `%hint` shows the next.", left)
        else:
            more = _("That was the last one. Hints cost nothing: try again.")
        return page + Page.paragraph(more, "small") + Page.paragraph(note)

    def progress(self, line: str) -> Page:
        """Show how far you are in each lesson: points, exercises, predictions."""
        return table(standings(progress()))


def next_step(exercise: Exercise) -> str:
    """Return what to do once ``exercise`` is solved (str)."""
    order = all_exercises()
    after = order[[other.id for other in order].index(exercise.id) + 1 :]
    if not after:
        return _("That was the last exercise there is. `%progress` shows what you have done.")
    if after[0].lesson != exercise.lesson:
        return _("That was the last exercise of this lesson. Read on to its end; then comes lesson {lesson}.").format(
            lesson=after[0].lesson.replace("_", " ")
        )
    return _("Next: {title} (`{id}`), further down.").format(title=after[0].title, id=after[0].id)


def _named(line: str, asking: str) -> str:
    """Return the id (str) that a magic's line holds.  Raises ExerciseError: it holds none, in the words ``asking``."""
    if not line.strip():
        raise ExerciseError(asking)
    return line.strip()
