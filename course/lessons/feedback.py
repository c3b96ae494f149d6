"""Feedback: what stands below an exercise's cell, from what the judge says of the answer."""

from functools import reduce
from operator import add

from course.grading.exercise import Exercise
from course.grading.report import CheckResult, Report
from course.lessons.page import Page
from course.words import _, _n

PRINTED_LINES, PRINTED_SIGNS = 40, 4000  # how much is shown of what the answer printed


def feedback(exercise: Exercise, report: Report, notes: Page, next_step: str) -> Page:
    """Return what to show of ``report`` (Page).

    ``notes`` is what else there is to say of this run (Page); ``next_step`` (str) is said after success.
    """
    first = next((result for result in report.results if not result.passed), None)
    checks = [_check(result, opened=result is first) for result in report.results]
    return (
        Page.title(exercise.title, _score(report))
        + Page.paragraph(report.problem, "problem")
        + reduce(add, checks, Page())
        + _printed(report.printed)
        + notes
        + Page.paragraph(next_step if report.passed else "", "next")
        + Page.paragraph(report.confinement, "small").folded(_("How your answer was run"))
    )


def not_started(exercise: Exercise) -> Page:
    """Return what to show where the cell is still as the learner got it (Page): how to begin."""
    about = ", ".join(
        [
            _n("{count} point", "{count} points", exercise.points),
            _n("about {count} minute", "about {count} minutes", exercise.minutes),
        ]
    )
    how = _(
        "Not started yet. Write what `{function}` does in this cell and run it again (Shift+Enter): it is checked at "
        "once. `%hint` shows the first of three hints."
    )
    return Page.title(exercise.title, about) + Page.paragraph(how.format(function=exercise.function), "next")


def no_python(error: SyntaxError | ValueError) -> Page:
    """Return what to show of an answer that Python cannot read (Page): the line, and the place in it."""
    if isinstance(error, ValueError):
        return Page.title(_("Python cannot read this: {reason}.").format(reason=error))
    said = _("Python cannot read line {line}: {reason}.").format(line=error.lineno, reason=error.msg)
    code = (error.text or "").rstrip()
    place = f"\n{' ' * (error.offset - 1)}^" if code and error.offset else ""
    return Page.title(said) + (Page.code(code + place) if code else Page())


def _score(report: Report) -> str:
    return _("checks passed: {passed} of {checks} · points: {points} of {possible}").format(
        passed=sum(result.passed for result in report.results),
        checks=len(report.results),
        points=report.points,
        possible=report.points_possible,
    )


def _check(result: CheckResult, opened: bool) -> Page:
    """Return one check: what it asks for, how it went, and where it failed, which stands open if it is ``opened``."""
    points = _n("{count} point", "{count} points", result.points)
    if result.passed:
        cases = _n("{count} case tried", "{count} cases tried", result.tried)
        word = _("passed")
        return Page.paragraph(f"✓ {word} · {result.title} ({points}; {cases})", "passed")
    failure = result.failure
    sign, word = ("✗", _("not yet")) if failure or result.tried else ("–", _("not run"))
    if not failure:
        return Page.paragraph(f"{sign} {word} · {result.title} ({points})", "unrun")
    pairs = [(_("tried"), failure.call), (_("expected"), failure.expected), (_("your answer"), failure.got)]
    inside = Page.pairs(pairs) + Page.paragraph(result.explanation, "explanation")
    if failure.figure:
        inside += Page.paragraph(_("The smallest case that fails:")) + Page.picture(failure.figure)
    return inside.folded(f"{sign} {word} · {result.title} ({points})", "failed", opened)


def _printed(printed: str) -> Page:
    if not printed:
        return Page()
    lines = "\n".join(printed[:PRINTED_SIGNS].splitlines()[:PRINTED_LINES])
    cut = Page.paragraph(_("… and more, left out."), "small") if len(lines) < len(printed.rstrip()) else Page()
    return (Page.code(lines) + cut).folded(_("Your code printed this, which does not count:"), opened=True)
