"""The authoring check finds each thing that is to be mended in an exercise."""

import shutil

import pytest

from course import shipped
from course.authoring.check import check_folder, report_all
from course.grading.exercise import load_exercise


@pytest.fixture
def folder(tmp_path):
    """A well made exercise, to be broken."""
    copy = tmp_path / "exercises" / "01_layers" / "shared_layers"
    shutil.copytree(load_exercise("layers/shared_layers").folder, copy, ignore=shutil.ignore_patterns("__pycache__"))
    return copy


def edit(folder, name, old, new):
    text = (folder / name).read_text("utf-8")
    assert old in text
    (folder / name).write_text(text.replace(old, new), "utf-8")


def test_a_well_made_exercise_has_nothing_to_be_mended(folder):
    assert check_folder(folder) == []


BROKEN = {
    "an empty title": (
        "exercise.toml",
        'title = "Which layers two images share"',
        'title = " "',
        "the title is empty.",
    ),
    "no minutes": ("exercise.toml", "minutes = 6", "minutes = 0", "'minutes' is 0; it begins at 1."),
    "no importance": ("exercise.toml", "importance = 2", "", "'importance' is missing"),
    "other points": ("exercise.toml", "points = 3", "points = 4", "'points' is 4, but the checks are worth 3."),
    "an empty hint": ("exercise.toml", '"A layer is stored', '" ", # "A layer', "hint 1 is empty."),
    "a starter that is no code": (
        "start.py",
        "def shared_layers",
        "def shared layers",
        "start.py, line 1: expected '('.",
    ),
    "a starter without the function": (
        "start.py",
        "shared_layers",
        "layers_shared",
        "does not define `shared_layers`.",
    ),
    "a starter with other parameters": ("start.py", "(one, other)", "(a, b)", "has other parameters in start.py"),
    "a starter that says nothing": ("start.py", '"""Return', 'text = """Return', "has no docstring in start.py"),
    "a solution of no plain value": (
        "solution.py",
        "return shared",
        "return iter(shared)",
        "does not pass check 'same",
    ),
    "a solution that cannot be run": ("solution.py", "shared = []", "shared = ", "solution.py: SyntaxError"),
    "checks that cannot be run": ("checks.py", "CHECKS = [", "CHECKS = [1 / 0, ", "checks.py: ZeroDivisionError"),
    "no cases": ("checks.py", "not one or not other", "False", "check 'one-on-the-other' has no cases"),
    "too many cases": ("checks.py", "smallest_first(found)", "found * 9", "more than 200 keep the learner waiting"),
    "a check without a title": (
        "checks.py",
        '_("The layers up to the first difference are shared.")',
        '""',
        "no title",
    ),
    "two checks of one name": ("checks.py", '"one-on-the-other"', '"same-base"', "two checks have the id 'same-base'."),
    "two diagnoses of one name": ("checks.py", '"one-too-few"', '"in-both"', "two diagnoses have the id 'in-both'."),
    "a picture that fails": (
        "checks.py",
        "import sharing",
        "import nothing",
        "check 'same-base' cannot draw (['A'], ['B'])",
    ),
    "a diagnosis that holds nowhere": (
        "checks.py",
        "mechanism=same_height",
        "mechanism=set",
        "wrong/same_height.py names",
    ),
    "a wrong answer that is right": (
        "wrong/one_too_few.py",
        "height - 1",
        "height",
        "one_too_few.py passes every check.",
    ),
    "a wrong answer without a name": ("wrong/in_both.py", "# diagnosis", "#", "in_both.py does not name the check and"),
    "a wrong answer caught elsewhere": ("wrong/in_both.py", '"another-base"', '"same-base"', "was caught first by"),
    "a wrong answer that cannot run": (
        "wrong/in_both.py",
        "    return",
        "return",
        "Line 4: expected an indented block",
    ),
    "code in a hint": (
        "exercise.toml",
        "stop at the first",
        "if mine != yours: stop at the first",
        "hint 2 gives the code",
    ),
}


@pytest.mark.parametrize(("name", "old", "new", "problem"), BROKEN.values(), ids=BROKEN)
def test_what_is_broken_is_found(folder, name, old, new, problem):
    edit(folder, name, old, new)
    problems = check_folder(folder)
    assert any(problem in line for line in problems), problems


def test_a_starter_that_scores_is_found_by_check(make_double):
    folder = make_double("def double(x):\n    '''Twice.'''\n    return 4\n")
    assert "the starter passes check 'two'; add a case that it fails." in check_folder(folder)


def test_a_solution_that_is_too_slow_is_found(folder, monkeypatch):
    monkeypatch.setattr("course.grading.process.TIME_LIMIT", 0.5)
    slow = "import time\ntime.sleep(9 if __name__ == 'answer' else 0)\n"  # the name that the judge gives it
    edit(folder, "solution.py", "def shared", slow + "def shared")
    assert any("does not pass check 'same-base'. Your answer took longer" in line for line in check_folder(folder))


@pytest.fixture
def make_double(folder):
    def make(start):
        checks = "from course.grading.checks import *\nCHECKS = [Check('two', 'Two', [(2,)], 3)]\nDIAGNOSES = []\n"
        edit(folder, "exercise.toml", 'function = "shared_layers"', 'function = "double"')
        (folder / "start.py").write_text(start)
        (folder / "solution.py").write_text("def double(x):\n    return x * 2\n")
        (folder / "checks.py").write_text(checks)
        return folder

    return make


def test_stray_files_are_found(folder):
    (folder / "notes.txt").write_text("")
    (folder / "wrong" / "old.py~").write_text("")
    (folder / "wrong" / "__pycache__").mkdir()
    assert check_folder(folder) == [
        "'notes.txt' is no file of an exercise; remove it.",
        "'wrong/old.py~' is no file of an exercise; remove it.",
    ]


def test_too_few_wrong_answers_are_found(folder):
    for path in sorted((folder / "wrong").iterdir())[2:]:
        path.unlink()
    problems = check_folder(folder)
    assert "there are 2 wrong answers in wrong/; at least 3 are needed." in problems
    assert "no wrong answer shows that diagnosis 'past-the-end' is made." in problems


@pytest.mark.parametrize("name", ["exercise.toml", "start.py", "checks.py", "solution.py"])
def test_a_missing_file_is_found(folder, name):
    (folder / name).unlink()
    assert f"exercise 01_layers/shared_layers/{name}: there is no such file" in check_folder(folder)[0]


def test_the_report_names_each_exercise_and_counts_those_to_be_mended(folder, tmp_path, monkeypatch, capsys):
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "exercises" / "01_layers" / "no_exercise").mkdir()
    (tmp_path / "exercises" / "01_layers" / ".hidden").mkdir()
    monkeypatch.setattr(shipped, "PACKAGE", tmp_path / "course")
    assert report_all() == 1
    printed = capsys.readouterr().out.splitlines()
    assert [line.partition(":")[0] for line in printed] == [
        "✗ 01_layers/no_exercise",
        "    exercise 01_layers/no_exercise/exercise.toml",
        "✓ 01_layers/shared_layers",
        "2 exercises checked.",
    ]
