"""An exercise is read from its folder, and what is wrong with the folder is said in one sentence."""

import re

import pytest

from course.errors import ExerciseError
from course.grading.checks import Check, smallest_first
from course.grading.exercise import all_exercises, load_exercise, read_exercise


def test_an_exercise_is_found_by_its_id():
    exercise = load_exercise("layers/lookup")
    assert (exercise.id, exercise.lesson, exercise.function) == ("layers/lookup", "01_layers", "lookup")
    assert len(exercise.hints) == 3


def test_exercises_come_in_the_order_of_the_lessons_and_then_their_own():
    assert [exercise.id for exercise in all_exercises()] == [
        "start_here/top_layer",
        "layers/lookup",
        "layers/shared_layers",
        "layers/changeset",
    ]


def test_an_unknown_id_brings_the_nearest_one():
    with pytest.raises(ExerciseError, match="there is no exercise 'layers/lokup'; did you mean 'layers/lookup'"):
        load_exercise("layers/lokup")


def test_an_id_like_no_other_brings_the_list():
    with pytest.raises(ExerciseError, match=r"there is no exercise '\\x1b'; there are: start_here/top_layer, "):
        load_exercise("\x1b")


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("points = 3", "", "'points' is missing, or is no int"),
        ("points = 3", "points = true", "'points' is missing, or is no int"),
        ("points = 3", "points = '3'", "'points' is missing, or is no int"),
        ("points = 3", "points = 3\nprice = 4", "'price' is no field of an exercise"),
        ("points = 3", "points =", "Invalid value (at line 6, column 9)"),
        ("test/double", "test/triple", "its folder says id 'test/double' and lesson '99_test'"),
        ("99_test", "98_test", "its folder says id 'test/double' and lesson '99_test'"),
        ("difficulty = 1", "difficulty = 4", "'difficulty' and 'importance' go from 1 to 3"),
        ("simulation", "luck", "'needs' is none of simulation, overlay, namespaces, root"),
        ('"b", ', "", "'hints' are three texts"),
        ('"b", ', "5, ", "'hints' are three texts"),
    ],
)
def test_a_flaw_in_the_metadata_is_named(make_exercise, old, new, problem):
    with pytest.raises(ExerciseError, match=r"exercise 99_test/double/exercise\.toml: .*" + re.escape(problem)):
        make_exercise(old, new)


def test_a_folder_without_metadata_is_named(tmp_path):
    with pytest.raises(ExerciseError, match=r"exercise\.toml: there is no such file"):
        read_exercise(tmp_path)


@pytest.mark.parametrize(
    ("checks", "problem"),
    [
        ("CHECKS = []", "'DIAGNOSES' is not defined in it"),
        ("DIAGNOSES = CHECKS = 1 / 0", "ZeroDivisionError: division by zero"),
        ("def", "SyntaxError: invalid syntax"),
        ("from course.grading.checks import *\nCHECKS = [Check('none', 'None', [])]", "check 'none' has no cases"),
    ],
)
def test_a_flaw_in_the_checks_is_named(make_exercise, checks, problem):
    with pytest.raises(ExerciseError, match=r"checks\.py: .*" + re.escape(problem)):
        make_exercise(checks=checks).checks  # noqa: B018


def test_a_solution_without_its_function_is_named(make_exercise):
    with pytest.raises(ExerciseError, match=r"solution\.py: 'double' is not defined in it"):
        make_exercise(solution="").solve  # noqa: B018


def test_a_missing_or_unreadable_file_is_named(double):
    (double.folder / "start.py").write_bytes(b"\xff")
    with pytest.raises(ExerciseError, match=r"start\.py: it is not UTF-8"):
        double.start  # noqa: B018
    (double.folder / "solution.py").unlink()
    with pytest.raises(ExerciseError, match=r"solution\.py: there is no such file"):
        double.solve  # noqa: B018


def test_a_wrong_answer_names_what_catches_it(double):
    (double.folder / "wrong").mkdir()
    (double.folder / "wrong" / "a.py").write_text('# check = "small"\n# diagnosis = "square"\ncheck = 1\n')
    (double.folder / "wrong" / "b.py").write_text("def double(x): ...\n")
    named, unnamed = double.wrong
    assert (named.name, named.check, named.diagnosis) == ("a", "small", "square")
    assert (unnamed.name, unnamed.check, unnamed.diagnosis) == ("b", "", "")


def test_the_smallest_cases_come_first_each_once_and_no_more_than_asked_for():
    cases = [([3, 3],), ([2],), ([1],), ([2],), ([],)]
    assert smallest_first(cases, limit=3) == [([],), ([1],), ([2],)]


def test_a_check_needs_cases():
    with pytest.raises(ExerciseError, match="check 'empty' has no cases"):
        Check("empty", "Empty", [])
