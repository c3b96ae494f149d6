import pytest

from course.grading.exercise import all_exercises
from course.lessons.overview import Standing, course_map, standings, table
from course.lessons.progress import progress
from course.lessons.questions import all_questions


@pytest.fixture
def kept(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_PROGRESS", str(tmp_path / "progress.jsonl"))
    return progress()


def test_every_lesson_with_something_to_do_is_there(kept):
    lessons = {part.lesson for part in (*all_exercises(), *all_questions())}
    assert [standing.lesson for standing in standings(kept)] == sorted(lessons)


def test_nothing_done_is_nothing(kept):
    assert {standing.fraction for standing in standings(kept)} == {0}


def test_all_done_is_one(kept):
    for exercise in all_exercises():
        kept.record("attempt", exercise.id, points=exercise.points)
    for question in all_questions():
        kept.record("prediction", question.id, choice=question.choices[0].text)
    assert {standing.fraction for standing in standings(kept)} == {1}


def test_part_of_the_points_is_not_solved(kept):
    exercise = next(exercise for exercise in all_exercises() if exercise.points > 1)
    kept.record("attempt", exercise.id, points=1)
    standing = next(at for at in standings(kept) if at.lesson == exercise.lesson)
    assert (standing.points, standing.solved) == (1, 0)
    assert 0 < standing.fraction < 1


def test_points_of_an_easier_past_do_not_count_more_than_there_are(kept):
    exercise = all_exercises()[0]
    kept.record("attempt", exercise.id, points=1000)
    standing = standings(kept)[0]
    assert standing.points == exercise.points
    assert standing.solved == 1


def test_the_table_says_what_is_done_of_what():
    page = table([Standing("01_layers", 6, 12, 1, 3, 2, 4)])
    assert "01 layers  6 of 12  1 of 3            2 of 4" in page.text
    assert "<td>6 of 12</td>" in page.html


def test_an_empty_table_says_how_to_begin():
    assert "Nothing yet." in table([Standing("01_layers", 0, 12, 0, 3, 0, 4)]).text
    assert "Nothing yet." not in table([Standing("01_layers", 1, 12, 0, 3, 0, 4)]).text


def test_the_map_is_lit_by_what_is_done(kept):
    before = course_map().text
    for exercise in all_exercises():
        kept.record("attempt", exercise.id, points=exercise.points)
    assert course_map().text != before
