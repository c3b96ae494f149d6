"""The shipped notebooks are what their exercises, their questions and the rules for notebooks say."""

import json

import pytest

from course.authoring.notebooks import IGNORED, MACHINE, read_notebook, solved, write_notebook
from course.grading.exercise import all_exercises, load_exercise
from course.lessons.merging import exercise_id
from course.lessons.questions import all_questions
from course.shipped import shipped_folder

NOTEBOOKS = sorted((shipped_folder() / "notebooks").glob("*.ipynb"))


def code_cells(path):
    return [cell for cell in read_notebook(path)["cells"] if cell["cell_type"] == "code"]


def source(cell):
    return "".join(cell["source"])


def test_the_first_two_lessons_are_shipped():
    assert [path.stem for path in NOTEBOOKS][:2] == ["00_start_here", "01_layers"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_each_exercise_cell_equals_its_start(path):
    for cell in code_cells(path):
        if name := exercise_id(cell):
            assert source(cell) == f"%%exercise {name}\n{load_exercise(name).start.rstrip()}"


def test_every_exercise_and_every_question_is_asked_exactly_once():
    cells = [(path.stem, cell) for path in NOTEBOOKS for cell in code_cells(path)]
    exercises = [(lesson, exercise_id(cell)) for lesson, cell in cells if exercise_id(cell)]
    assert sorted(exercises) == sorted((exercise.lesson, exercise.id) for exercise in all_exercises())
    asked = [(lesson, source(cell)) for lesson, cell in cells if source(cell).startswith("predict(")]
    assert sorted(asked) == sorted((question.lesson, f'predict("{question.id}")') for question in all_questions())


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_is_written_as_the_course_writes_notebooks(path, tmp_path):
    write_notebook(read_notebook(path), tmp_path / path.name)
    assert (tmp_path / path.name).read_bytes() == path.read_bytes()


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_no_shown_cell_is_longer_than_25_lines(path):
    assert [cell["id"] for cell in code_cells(path) if len(source(cell).splitlines()) > 25] == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_only_what_is_the_machine_s_own_is_left_uncompared_and_unstored(path):
    uncompared = [cell for cell in code_cells(path) if IGNORED in cell["metadata"].get("tags", [])]
    assert len(uncompared) <= 2
    for cell in uncompared:
        assert MACHINE in cell["metadata"]["tags"]
        assert cell["outputs"] == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_no_stored_output_names_a_folder_of_a_machine(path):
    stored = json.dumps([cell["outputs"] for cell in code_cells(path)])
    assert not any(folder in stored for folder in (str(shipped_folder()), "/home/", "/root/", "/Users/"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_solved_it_asserts_full_marks_after_each_exercise(path):
    cells = solved(read_notebook(path))["cells"]
    for number, cell in enumerate(cells):
        if name := exercise_id(cell):
            assert load_exercise(name).solution in source(cell)
            assert f"best('{name}') == {load_exercise(name).points}" in source(cells[number + 1])
