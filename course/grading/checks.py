"""What an author writes in ``checks.py``: checks made of cases, and diagnoses of known mistakes.

An exercise's ``checks.py`` is a module with two lists::

    from course.grading.checks import Check, Diagnosis, smallest_first
    from course.words import _

    CHECKS = [
        Check("one-layer", _("With a single layer, its own content shows."), cases=[([{"/a": "1"}], "/a")], points=1),
    ]
    DIAGNOSES = [
        Diagnosis("lowest-wins", _("Your answer takes the lowest layer; the topmost wins."), mechanism=lowest_wins),
    ]

What a case should give is not written down: ``solution.py`` says it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from course.errors import ExerciseError
from course.words import _

if TYPE_CHECKING:
    from course.figures import Figure

Case = tuple[Any, ...]  # the arguments of one call, as plain values


@dataclass(frozen=True)
class Check:
    """One thing that an answer must get right, tried on many cases.

    ``id`` (str) is its name for authors, ``title`` (str) says to the learner what is asked for, ``points`` is what it
    is worth (int).  ``cases`` are the arguments of the calls (sequence of tuple), the smallest first: the first one
    that fails is shown.  ``picture`` draws a case: called with its arguments, it returns a Figure.  Raises
    ExerciseError: there are no cases.
    """

    id: str
    title: str
    cases: Sequence[Case]
    points: int = 1
    picture: Callable[..., Figure] | None = None

    def __post_init__(self) -> None:
        if not self.cases:
            raise ExerciseError(_("check '{id}' has no cases; add the smallest one first.").format(id=self.id))


@dataclass(frozen=True)
class Diagnosis:
    """A known mistake, given as the mechanism that makes it.

    It holds for a check when, in every case that the answer gets wrong, the answer is what ``mechanism`` (a function
    with the exercise's parameters) returns, or raises the same kind of error.  ``key`` reduces both to what is to be
    compared (``sorted``: in any order).  ``explanation`` (str) tells the learner; ``id`` (str) is its name for authors.
    """

    id: str
    explanation: str
    mechanism: Callable[..., Any]
    key: Callable[[Any], Any] | None = None


NOTHING_RETURNED = Diagnosis(
    "nothing-returned",
    _("The function gives None here. Does every way through it reach a `return`?"),
    mechanism=lambda *args: None,
)


def smallest_first(cases: Iterable[Case], limit: int = 200) -> list[Case]:
    """Return the ``limit`` (int) smallest of these cases (list of tuple), the shortest to write down first, each once.

    >>> smallest_first([(["a", "b"],), (["c"],), ([],), (["c"],)])
    [([],), (['c'],), (['a', 'b'],)]
    """
    written = {repr(case): case for case in cases}
    return [written[text] for text in sorted(written, key=lambda text: (len(text), text))][:limit]
