"""The authoring check: what is still to be mended in an exercise before it may teach.

An exercise is well made if its starter scores nothing and its solution everything, its hints do not give the code away,
and each of at least three wrong answers is caught by the check and the diagnosis that it names.
"""

import ast
import inspect
import io
import tokenize
from collections.abc import Iterable, Iterator
from pathlib import Path

from course.errors import ExerciseError
from course.grading.exercise import Exercise, WrongAnswer, exercise_folders, read_exercise
from course.grading.judge import judge
from course.words import _, _n

FILES = {"exercise.toml", "start.py", "checks.py", "solution.py", "wrong"}
WRONG_ANSWERS = 3
MAX_CASES = 200


def check_folder(folder: Path) -> list[str]:
    """Return what is to be mended in the exercise that ``folder`` (Path) holds (list of str, one sentence each)."""
    try:
        exercise = read_exercise(folder)
        return [*_stray_files(folder), *check_exercise(exercise)]
    except ExerciseError as error:
        return [str(error)]


def check_exercise(exercise: Exercise) -> list[str]:
    """Return what is to be mended in ``exercise`` (list of str, one sentence each; empty if it is well made).

    Raises ExerciseError: one of its files is missing or cannot be run.
    """
    problems = [*_metadata(exercise), *_start(exercise), *_hints(exercise), *_checks(exercise)]
    return problems or [*_scores(exercise), *_wrong_answers(exercise)]  # what is not whole cannot be judged


def report_all() -> int:
    """Print for every exercise what is to be mended; return how many exercises (int) are not well made.

    What ``course author check`` does.
    """
    flawed = 0
    for folder in exercise_folders():
        problems = check_folder(folder)
        flawed += bool(problems)
        print(f"{'✗' if problems else '✓'} {folder.parent.name}/{folder.name}")
        for problem in problems:
            print(f"    {problem}")
    count = len(exercise_folders())
    print(_n("{count} exercise checked.", "{count} exercises checked.", count))
    return flawed


def _stray_files(folder: Path) -> Iterator[str]:
    present = {path.name for path in folder.iterdir()} - {"__pycache__"}
    inside = [path for path in (folder / "wrong").glob("*") if path.name != "__pycache__" and path.suffix != ".py"]
    for name in sorted([*(present - FILES), *(f"wrong/{path.name}" for path in inside)]):
        yield _("'{name}' is no file of an exercise; remove it.").format(name=name)


def _metadata(exercise: Exercise) -> Iterator[str]:
    if not exercise.title.strip():
        yield _("the title is empty.")
    for name, number in (("points", exercise.points), ("minutes", exercise.minutes)):
        if number < 1:
            yield _("'{name}' is {number}; it begins at 1.").format(name=name, number=number)


def _start(exercise: Exercise) -> Iterator[str]:
    """The starter is code, and asks for the same function, with the same parameters, as the solution has."""
    parameters = list(inspect.signature(exercise.solve).parameters)
    try:
        functions = [node for node in ast.parse(exercise.start).body if isinstance(node, ast.FunctionDef)]
    except SyntaxError as error:
        yield _("start.py, line {line}: {reason}.").format(line=error.lineno, reason=error.msg)
        return
    start = next((function for function in functions if function.name == exercise.function), None)
    if start is None:
        yield _("start.py does not define `{function}`.").format(function=exercise.function)
    elif [parameter.arg for parameter in start.args.args] != parameters:
        yield _("`{function}` has other parameters in start.py than in solution.py.").format(function=exercise.function)
    elif not ast.get_docstring(start):
        yield _("`{function}` has no docstring in start.py; it says what is to be written.").format(
            function=exercise.function
        )


def _hints(exercise: Exercise) -> Iterator[str]:
    for number, hint in enumerate(exercise.hints, 1):
        if not hint.strip():
            yield _("hint {number} is empty.").format(number=number)
        said = " ".join(hint.split())
        for line in _code(exercise):
            if line in said:
                yield _("hint {number} gives the code away: `{line}`.").format(number=number, line=line)


def _code(exercise: Exercise) -> Iterator[str]:
    """Yield the solution's own lines of more than two words and signs: shorter ones read as pseudo-code does."""
    given = {" ".join(line.split()) for line in exercise.start.splitlines()}
    for line in exercise.solution.splitlines():
        text = " ".join(line.split())
        if text not in given and len(_tokens(text)) > 2:
            yield text


def _tokens(line: str) -> list[str]:
    try:
        return [token.string for token in tokenize.generate_tokens(io.StringIO(line).readline) if token.string.strip()]
    except tokenize.TokenError:  # a line that ends within brackets
        return line.split()


def _checks(exercise: Exercise) -> Iterator[str]:
    if not exercise.checks:
        yield _("there are no checks.")
    worth = sum(check.points for check in exercise.checks)
    if worth != exercise.points:
        yield _("'points' is {points}, but the checks are worth {worth}.").format(points=exercise.points, worth=worth)
    for kind, ids in (
        (_("checks"), [check.id for check in exercise.checks]),
        (_("diagnoses"), [diagnosis.id for diagnosis in exercise.diagnoses]),
    ):
        for name in _twice(ids):
            yield _("two {kind} have the id '{name}'.").format(kind=kind, name=name)
    for check in exercise.checks:
        if check.points < 1 or not check.title.strip():
            yield _("check '{name}' has no title, or is worth nothing.").format(name=check.id)
        if len(check.cases) > MAX_CASES:
            yield _("check '{name}' has {count} cases; more than {limit} keep the learner waiting.").format(
                name=check.id, count=len(check.cases), limit=MAX_CASES
            )
        for case in (check.cases[0], check.cases[-1]):  # the smallest, and the largest
            try:
                if check.picture:
                    check.picture(*case)
            except Exception as error:
                yield _("check '{name}' cannot draw {case}: {reason}.").format(
                    name=check.id, case=repr(case), reason=f"{type(error).__name__}: {error}"
                )


def _twice(names: Iterable[str]) -> list[str]:
    listed = list(names)
    return sorted({name for name in listed if listed.count(name) > 1})


def _scores(exercise: Exercise) -> Iterator[str]:
    start, solution = judge(exercise, exercise.start), judge(exercise, exercise.solution)
    for result in start.results:
        if result.passed:
            yield _("the starter passes check '{name}'; add a case that it fails.").format(name=result.id)
    if not solution.passed:
        failed = next((result.id for result in solution.results if not result.passed), "")
        yield _("the solution does not pass check '{name}'. {problem}").format(name=failed, problem=solution.problem)


def _wrong_answers(exercise: Exercise) -> Iterator[str]:
    if len(exercise.wrong) < WRONG_ANSWERS:
        yield _("there are {count} wrong answers in wrong/; at least {least} are needed.").format(
            count=len(exercise.wrong), least=WRONG_ANSWERS
        )
    for answer in exercise.wrong:
        yield from _wrong_answer(exercise, answer)
    named = {answer.diagnosis for answer in exercise.wrong}
    for diagnosis in exercise.diagnoses:
        if diagnosis.id not in named:
            yield _("no wrong answer shows that diagnosis '{name}' is made.").format(name=diagnosis.id)


def _wrong_answer(exercise: Exercise, answer: WrongAnswer) -> Iterator[str]:
    """A wrong answer fails first where it says, and is told what it says."""
    if not answer.check or not answer.diagnosis:
        yield _("wrong/{name}.py does not name the check and the diagnosis that catch it in its first lines.").format(
            name=answer.name
        )
        return
    report = judge(exercise, answer.source)
    first = next((result for result in report.results if not result.passed), None)
    if first is None:
        yield _("wrong/{name}.py passes every check.").format(name=answer.name)
    elif (first.id, first.diagnosis) != (answer.check, answer.diagnosis):
        yield _(
            "wrong/{name}.py names check '{check}' and diagnosis '{diagnosis}', but was caught first by '{found}' with "
            "diagnosis '{told}'. {problem}"
        ).format(
            name=answer.name,
            check=answer.check,
            diagnosis=answer.diagnosis,
            found=first.id,
            told=first.diagnosis,
            problem=report.problem,
        )
