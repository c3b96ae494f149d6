"""Every exercise is well made: the starter scores nothing, the solution everything, each wrong answer is caught."""

import pytest

from course.authoring.check import check_folder
from course.grading.exercise import exercise_folders, load_exercise
from course.grading.judge import judge
from course.layers.digest import chain_id, sha256
from course.layers.layer import Layer
from course.union.view import UnionView

LESSON_01 = ["layers/lookup", "layers/shared_layers", "layers/changeset"]


@pytest.mark.parametrize("folder", exercise_folders(), ids=lambda folder: f"{folder.parent.name}/{folder.name}")
def test_the_exercise_is_well_made(folder):
    assert check_folder(folder) == []


@pytest.mark.parametrize("name", ["start_here/top_layer", "layers/lookup", "layers/changeset"])
def test_a_failing_case_is_drawn(name):
    exercise = load_exercise(name)
    for result in judge(exercise, exercise.start).results:
        assert result.failure.figure.svg.startswith("<svg")
        assert result.failure.figure.text


@pytest.mark.parametrize("name", LESSON_01)
def test_an_answer_that_always_gives_the_same_scores_nothing(name):
    exercise = load_exercise(name)
    for constant in ("None", "[]", "{}", "''", "'one'", "['A']"):
        report = judge(exercise, f"def {exercise.function}(*anything):\n    return {constant}\n")
        assert (constant, report.points) == (constant, 0)


def test_the_stack_of_a_store_says_which_layers_are_shared():
    exercise = load_exercise("layers/shared_layers")
    for check in exercise.checks:
        for one, other in check.cases:
            ids = [[sha256(layer.encode()) for layer in image] for image in (one, other)]
            chains = [[chain_id(image[: height + 1]) for height in range(len(image))] for image in ids]
            stored_once = [layer for layer, chain in zip(one, chains[0], strict=True) if chain in chains[1]]
            assert exercise.solve(one, other) == stored_once


def test_the_union_view_shows_what_lookup_finds():
    exercise = load_exercise("layers/lookup")
    for check in exercise.checks:
        for layers, path in check.cases:
            found = UnionView(stacked(layers)).lookup(path)
            assert exercise.solve(layers, path) == (found.entry.read().decode() if found else None)


def stacked(layers):
    stack = []
    for layer in layers:
        files = {path: content for path, content in layer.items() if content is not None}
        marks = [path for path, content in layer.items() if content is None]
        stack.append(Layer.of(files, marks, parent=stack[-1] if stack else None))
    return stack


def test_a_changeset_laid_on_the_old_tree_shows_the_new_one():
    exercise = load_exercise("layers/changeset")
    for check in exercise.checks:
        for old, new in check.cases:
            view = UnionView(stacked([old, exercise.solve(old, new)]))
            assert {path: found.entry.read().decode() for path, found in view.walk()} == new
