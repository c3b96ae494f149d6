"""The message catalogue holds every text that a person reads, and a translation of it appears."""

import io

import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from course import words
from course.authoring.catalogue import POT, catalogue_text
from course.grading.exercise import load_exercise
from course.grading.judge import judge
from course.lessons.questions import load_question


def test_the_committed_catalogue_holds_the_messages_of_the_sources():
    assert POT.read_text("utf-8") == catalogue_text(), "run: python -m course.authoring.catalogue"


def test_the_catalogue_is_the_same_whenever_it_is_made():
    assert catalogue_text() == catalogue_text()
    assert "Creation-Date" not in catalogue_text()


@pytest.mark.parametrize(
    ("message", "where"),
    [
        ("there is no exercise '{id}'; did you mean '{near}'?", "course/grading/exercise.py"),
        ("What a path shows", "exercises/01_layers/lookup/exercise.toml"),
        ("Of several layers that have the path, the topmost wins.", "exercises/01_layers/lookup/checks.py"),
        ("Three: one for `COPY` and one for each `RUN`.", "exercises/01_layers/predict.toml"),
    ],
)
def test_messages_are_gathered_from_code_and_exercises(message, where):
    found = read_po(io.BytesIO(catalogue_text().encode()))[message]
    assert [file for file, _line in found.locations] == [where]


def test_messages_with_a_plural_are_gathered_with_both_forms():
    found = read_po(io.BytesIO(catalogue_text().encode()))["{count} exercise checked."]
    assert found.id == ("{count} exercise checked.", "{count} exercises checked.")


@pytest.fixture
def translated(tmp_path, monkeypatch):
    """Read everything in a language in which every message stands between angle brackets."""
    catalogue = read_po(io.BytesIO(catalogue_text().encode()), locale="eo")
    for message in catalogue:
        if message.id:
            forms = message.id if isinstance(message.id, tuple) else (message.id,)
            message.string = tuple(f"«{form}»" for form in forms) if len(forms) > 1 else f"«{forms[0]}»"
    target = tmp_path / "eo" / "LC_MESSAGES" / "course.mo"
    target.parent.mkdir(parents=True)
    with target.open("wb") as file:
        write_mo(file, catalogue)
    monkeypatch.setattr(words, "LOCALE_FOLDER", tmp_path)
    monkeypatch.setenv("LANGUAGE", "eo")
    words.catalogue.cache_clear()
    yield
    words.catalogue.cache_clear()


@pytest.mark.usefixtures("translated")
def test_a_translation_appears_wherever_a_learner_reads():
    exercise = load_exercise("layers/shared_layers")
    assert exercise.title == "«Which layers two images share»"
    assert all(hint.startswith("«") for hint in exercise.hints)
    report = judge(exercise, next(answer.source for answer in exercise.wrong if answer.name == "past_the_end"))
    failed = report.results[1]
    assert failed.title == "«An image that is built on another shares all the layers of that one.»"
    assert failed.explanation.startswith("«Your answer raises IndexError")
    assert failed.failure.got.startswith("««raised IndexError")
    assert report.confinement.startswith("«Your answer ran in a process of its own")
    assert judge(exercise, "").problem == "«Your answer does not define `shared_layers`.»"


@pytest.mark.usefixtures("translated")
def test_the_questions_are_translated():
    question = load_question("layers/how_many_layers")
    assert question.text.startswith("«A Dockerfile is")
    assert all(choice.text.startswith("«") and choice.explanation.startswith("«") for choice in question.choices)


@pytest.mark.usefixtures("translated")
def test_a_count_chooses_its_form():
    assert words._n("{count} exercise checked.", "{count} exercises checked.", 1) == "«1 exercise checked.»"
    assert words._n("{count} exercise checked.", "{count} exercises checked.", 3) == "«3 exercises checked.»"
