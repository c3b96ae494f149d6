"""The judge: compares what an answer returned with what the solution returns, where the answer cannot reach."""

import os
import sys
import time
from collections.abc import Sequence
from typing import Any

from course.grading import process
from course.grading.checks import NOTHING_RETURNED, Case, Check, Diagnosis
from course.grading.exercise import Exercise
from course.grading.process import Outcome
from course.grading.report import CheckResult, Failure, Report
from course.grading.runner import decode, encode
from course.words import _, size


def judge(exercise: Exercise, answer: str) -> Report:
    """Return what there is to say (Report) about ``answer`` (str, the learner's code) to ``exercise`` (Exercise).

    All cases run in one process; if the answer ends it, that check has failed, and a new process goes on with the next.
    Raises ExerciseError: the exercise is not well made.  Raises MachineError: no process can be started.

    >>> from course.grading.exercise import load_exercise
    >>> exercise = load_exercise("start_here/top_layer")
    >>> judge(exercise, exercise.solution).passed
    True
    """
    deadline = time.monotonic() + process.TIME_LIMIT
    todo = list(exercise.checks)
    outcomes: dict[str, list[Outcome]] = {}
    printed = problem = ""
    held: tuple[str, ...] = ()
    while todo and not problem:
        cases = [encode(list(case)) for check in todo for case in check.cases]
        run = process.run_cases(answer, exercise.function, cases, max(0.1, deadline - time.monotonic()))
        rest, problem, held = run.outcomes, run.problem, run.held
        printed = (printed + run.printed)[: process.PRINTED_LIMIT]
        while todo and rest:
            check = todo.pop(0)
            outcomes[check.id], rest = rest[: len(check.cases)], rest[len(check.cases) :]
    silent = all(outcome.code == "None" for some in outcomes.values() for outcome in some)
    diagnoses = [NOTHING_RETURNED] if silent else [*exercise.diagnoses, NOTHING_RETURNED]
    results = tuple(_result(exercise, check, outcomes.get(check.id, []), diagnoses) for check in exercise.checks)
    return Report(exercise.id, results, printed, problem, confinement(held))


def _result(
    exercise: Exercise, check: Check, outcomes: Sequence[Outcome], diagnoses: Sequence[Diagnosis]
) -> CheckResult:
    wrong: list[tuple[Case, Outcome, Outcome]] = []
    for case, outcome in zip(check.cases, outcomes, strict=False):
        expected = outcome_of(exercise.solve, case)
        if outcome.code != expected.code:
            wrong.append((case, expected, outcome))
    passed = not wrong and len(outcomes) == len(check.cases)
    if not wrong:
        return CheckResult(check.id, check.title, passed, check.points, len(outcomes))
    diagnosis = _diagnosis(diagnoses, [(case, outcome) for case, _expected, outcome in wrong])
    case, expected, outcome = wrong[0]
    arguments = ", ".join(process.as_code(encode(argument)) for argument in case)
    failure = Failure(
        call=process.shorten(f"{exercise.function}({arguments})"),
        expected=expected.words,
        got=outcome.words,
        figure=check.picture(*case) if check.picture else None,
    )
    known = (diagnosis.id, diagnosis.explanation) if diagnosis else ("", "")
    return CheckResult(check.id, check.title, passed, check.points, len(outcomes), failure, *known)


def outcome_of(function: Any, case: Case) -> Outcome:
    """Return the Outcome of calling one of our own functions with a case (tuple), which stays as it is."""
    try:
        return process.value_outcome(encode(function(*decode(encode(list(case))))))
    except Exception as error:
        kind = type(error).__name__
        return Outcome(f"raised {kind}", f"raised {kind}")


def _diagnosis(diagnoses: Sequence[Diagnosis], wrong: list[tuple[Case, Outcome]]) -> Diagnosis | None:
    """Return the first diagnosis whose mechanism does what the answer did in every case that it got wrong."""
    for diagnosis in diagnoses:
        if all(_agrees(diagnosis, case, outcome) for case, outcome in wrong):
            return diagnosis
    return None


def _agrees(diagnosis: Diagnosis, case: Case, outcome: Outcome) -> bool:
    mistaken = outcome_of(diagnosis.mechanism, case)
    if diagnosis.key is None or outcome.encoded is None or mistaken.encoded is None:
        return outcome.code == mistaken.code
    try:
        reduced = [encode(diagnosis.key(decode(each.encoded))) for each in (outcome, mistaken)]
    except Exception:  # the answer is of a type that the key does not know
        return False
    return process.as_code(reduced[0]) == process.as_code(reduced[1])


def confinement(held: tuple[str, ...]) -> str:
    """Say what limits held (str), given those of getrlimit(2) that were set."""
    seconds = _("Your answer ran in a process of its own, for at most {seconds:g} seconds.")
    sentences = [seconds.format(seconds=process.TIME_LIMIT)]
    if "RLIMIT_AS" in held:
        sentences.append(_("It could use at most {limit} of memory.").format(limit=size(process.MEMORY_LIMIT)))
    else:
        sentences.append(_("This system sets no limit on its memory."))
    if sys.platform == "win32":
        sentences.append(_("Processes that it starts are not ended."))
    elif "RLIMIT_NPROC" in held and os.geteuid() != 0:  # root may start processes whatever the limit
        sentences.append(_("It could start no processes."))
    else:
        sentences.append(_("What it started is ended with it, except what began a session of its own."))
    sentences.append(_("It was not kept from files or from the network."))
    return " ".join(sentences)
