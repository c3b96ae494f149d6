import pytest

from course.errors import ExerciseError
from course.lessons import questions
from course.lessons.questions import all_questions, load_question, read_questions

GOOD = """
[[question]]
id = "layers/what_is_an_image"
text = "What is an image?"

[[question.choice]]
text = "A stack."
right = true
explanation = "Yes."

[[question.choice]]
text = "A disk."
right = false
explanation = "No."
misconception = 29
"""


@pytest.fixture
def shipped(tmp_path, monkeypatch):
    folder = tmp_path / "exercises" / "01_layers"
    folder.mkdir(parents=True)
    (folder / "predict.toml").write_text(GOOD)
    monkeypatch.setattr(questions, "shipped_folder", lambda: tmp_path)
    return folder / "predict.toml"


def test_a_question_knows_its_lesson_and_its_right_choice(shipped):
    question = load_question("layers/what_is_an_image")
    assert question.lesson == "01_layers"
    assert question.right.text == "A stack."
    assert [choice.misconception for choice in question.choices] == [0, 29]


@pytest.mark.usefixtures("shipped")
def test_a_mistyped_id_is_answered_with_the_nearest():
    with pytest.raises(ExerciseError, match="did you mean 'layers/what_is_an_image'"):
        load_question("layers/what_is_an_imag")
    with pytest.raises(ExerciseError, match="there are: layers/what_is_an_image"):
        load_question("zzz")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("right = false", "right = true", "not exactly one is right"),
        ("right = true", "right = false", "not exactly one is right"),
        ('explanation = "No."', "", "'explanation' is missing"),
        ('explanation = "No."', 'explanation = ""', "'explanation' is missing, empty"),
        ("misconception = 29", 'misconception = "29"', "'misconception' is missing, empty, or no int"),
        ("misconception = 29", "weight = 2", "'weight' is no field"),
        ('text = "What is an image?"', "text = 1", "'text' is missing, empty, or no str"),
        ("layers/what", "union/what", "does not begin with the lesson's name"),
        ("[[question.choice]]", "[question.choice]", "predict.toml"),
        ("[[question]]", "[[question]", "predict.toml"),
        (GOOD, GOOD + GOOD, "another question has the same id"),
    ],
)
def test_a_file_that_is_not_well_made_gets_one_sentence(shipped, old, new, said):
    shipped.write_text(GOOD.replace(old, new))
    with pytest.raises(ExerciseError, match=said) as caught:
        read_questions(shipped)
    assert str(caught.value).startswith("01_layers/predict.toml")


def test_a_file_that_is_not_utf8_gets_one_sentence(shipped):
    shipped.write_bytes(b"\xff")
    with pytest.raises(ExerciseError, match=r"predict\.toml"):
        read_questions(shipped)


def test_every_question_of_the_course_is_well_made():
    asked = all_questions()
    assert len({question.id for question in asked}) == len(asked)
    for question in asked:
        assert len(question.choices) >= 2
        assert len({choice.text for choice in question.choices}) == len(question.choices)
