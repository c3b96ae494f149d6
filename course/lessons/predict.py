"""Predict, then reveal: a question whose answer is locked in before the right one shows."""

from __future__ import annotations

from typing import Any

from course.errors import CourseError
from course.lessons.page import Page, inline, show
from course.lessons.progress import progress
from course.lessons.questions import Choice, Question, load_question
from course.words import _


def predict(id: str) -> None:  # noqa: A002 (a question's id is what everyone calls it)
    """Ask the question whose id is ``id`` (str), below the cell; once a choice is locked in, show what is right.

    A prediction is made once: later runs of the cell show it as it was locked in.
    """
    try:
        question = load_question(id)
    except CourseError as error:
        show(Page.problem(error))
        return
    made = progress().prediction(id)
    choice = next((choice for choice in question.choices if made and choice.text == made.choice), None)
    if choice:
        show(revealed(question, choice))
    else:
        ask(question)


def ask(question: Question) -> None:
    """Display the form of ``question``, in whose place comes the prediction, so that a saved notebook has it."""
    from course.widgets.predict import PredictForm

    heading = _("Predict")
    form = PredictForm(
        static=static(question)._repr_mimebundle_(),
        question=f"<strong>{heading}</strong> · {inline(question.text)}",
        choices=[inline(choice.text) for choice in question.choices],
        button=_("Lock in"),
    )

    def lock(change: Any) -> None:
        choice = question.choices[change["new"]]
        note = progress().record("prediction", question.id, choice=choice.text, right=choice.right)
        place.update(revealed(question, choice) + Page.paragraph(note))

    form.observe(lock, "chosen")
    place = show(form)


def static(question: Question) -> Page:
    """Return the question as it stands where nothing can be chosen (Page); its answer is folded, and HTML only."""
    answer = Page()
    for choice in question.choices:
        answer += Page.paragraph(f"{'✓' if choice.right else '✗'} {choice.text}")
        answer += Page.paragraph(choice.explanation, "explanation")
    return (
        Page.title(_("Predict"), question.text)
        + Page.items([f"○ {choice.text}" for choice in question.choices])
        + Page.paragraph(_("Run this cell to choose, and to see what is right."), "small")
        + Page(answer.folded(_("The answer, for those who only read")).html)
    )


def revealed(question: Question, chosen: Choice) -> Page:
    """Return the question with the choice that was locked in, and what is right (Page)."""
    marks = {False: "○", True: "◉"}
    lines = [
        f"{marks[choice is chosen]} {choice.text}"
        + (" " + _("← your prediction") if choice is chosen else "")
        + (" " + _("✓ right") if choice.right else "")
        for choice in question.choices
    ]
    page = Page.title(_("Predicted"), question.text) + Page.items(lines)
    if chosen.right:
        return page + Page.paragraph(
            "✓ " + _("You predicted it. {explanation}").format(explanation=chosen.explanation), "passed"
        )
    return (
        page
        + Page.paragraph("✗ " + _("Your prediction: {explanation}").format(explanation=chosen.explanation), "failed")
        + Page.paragraph(
            "✓ " + _("What is right: {explanation}").format(explanation=question.right.explanation), "passed"
        )
    )
