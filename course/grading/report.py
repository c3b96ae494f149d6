"""What the judge found: one result a check, and for a check that failed its smallest failing case."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from course.figures import Figure


@dataclass(frozen=True)
class Failure:
    """The smallest case that an answer gets wrong.

    ``call`` is the call as code (str, shortened if long), ``expected`` and ``got`` are what it should have returned and
    what it did (str: the value as code, or words such as ``raised KeyError: '/a' (line 3)``).  ``figure`` draws the
    case (Figure), where its check can.
    """

    call: str
    expected: str
    got: str
    figure: Figure | None = None


@dataclass(frozen=True)
class CheckResult:
    """What one check found.

    ``id`` (str) and ``title`` (str, what it asks for) name the check; ``points`` is what it is worth (int);
    ``passed`` (bool) says whether every case was right; ``tried`` is the number of cases that were run (int; 0: the
    judge did not get so far).  ``failure`` is the smallest failing case (Failure), or None.  Where the mistake is a
    known one, ``diagnosis`` is its id (str) and ``explanation`` what to tell the learner (str); else both are empty.
    """

    id: str
    title: str
    passed: bool
    points: int
    tried: int
    failure: Failure | None = None
    diagnosis: str = ""
    explanation: str = ""


@dataclass(frozen=True)
class Report:
    """What the judge says of one answer to one exercise.

    ``exercise`` is its id (str).  ``results`` are the results of all its checks, in their order (tuple of CheckResult).
    ``printed`` is what the answer printed (str, capped): to be shown, it never counts.  ``problem`` says in one
    sentence why the answer could not be judged, or not to the end (str, such as "Your answer took longer than 10
    seconds."; empty if it was).  ``confinement`` says what limits held while it ran (str).

    >>> passed = CheckResult("one", "one layer", passed=True, points=2, tried=9)
    >>> failed = CheckResult("two", "two layers", passed=False, points=1, tried=3)
    >>> report = Report("layers/lookup", (passed, failed))
    >>> report.points, report.points_possible, report.passed
    (2, 3, False)
    """

    exercise: str
    results: tuple[CheckResult, ...]
    printed: str = ""
    problem: str = ""
    confinement: str = ""

    @property
    def points(self) -> int:
        """The points of the checks that passed (int)."""
        return sum(result.points for result in self.results if result.passed)

    @property
    def points_possible(self) -> int:
        """The points of all checks (int)."""
        return sum(result.points for result in self.results)

    @property
    def passed(self) -> bool:
        """Whether there are checks, and every one passed (bool)."""
        return bool(self.results) and all(result.passed for result in self.results)
