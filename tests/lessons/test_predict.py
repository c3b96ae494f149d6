import pytest

from course.lessons import predict as module
from course.lessons.predict import predict, revealed, static
from course.lessons.progress import progress
from course.lessons.questions import Choice, Question

RIGHT = Choice("A stack of `layers`.", True, "Each stands on the one below.", 0)
WRONG = Choice("A <disk>.", False, "It holds no kernel.", 29)
QUESTION = Question("layers/image", "01_layers", "What is an image?", (WRONG, RIGHT))


@pytest.fixture
def shown(monkeypatch, tmp_path):
    """What is displayed, the latest last, with the one question there is."""
    displayed = []

    class Place:
        update = displayed.append

    def show(what):
        displayed.append(what)
        return Place

    monkeypatch.setenv("COURSE_PROGRESS", str(tmp_path / "progress.jsonl"))
    monkeypatch.setattr(module, "show", show)
    monkeypatch.setattr(module, "load_question", lambda name: QUESTION)
    return displayed


def test_nothing_is_chosen_at_first(shown):
    predict("layers/image")
    assert shown[-1].chosen is None
    assert shown[-1].choices == ["A &lt;disk&gt;.", "A stack of <code>layers</code>."]


def test_a_locked_prediction_reveals_what_is_right_and_is_kept(shown):
    predict("layers/image")
    shown[-1].chosen = 0
    assert shown[-1] == revealed(QUESTION, WRONG)
    assert progress().prediction("layers/image").choice == WRONG.text
    assert progress().prediction("layers/image").right is False


def test_a_prediction_that_was_made_shows_as_it_was_locked_in(shown):
    progress().record("prediction", "layers/image", choice=WRONG.text, right=False)
    predict("layers/image")
    assert shown == [revealed(QUESTION, WRONG)]


def test_a_prediction_whose_choice_is_gone_is_asked_again(shown):
    progress().record("prediction", "layers/image", choice="An older wording.", right=False)
    predict("layers/image")
    assert shown[-1].chosen is None


def test_that_nothing_is_kept_is_said_below_the_prediction(shown, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("COURSE_PROGRESS", str(tmp_path / "file" / "progress.jsonl"))
    predict("layers/image")
    shown[-1].chosen = 1
    assert "progress is not kept" in shown[-1].text
    predict("layers/image")
    assert shown[-1] == revealed(QUESTION, RIGHT)


def test_the_explanation_of_the_choice_comes_before_that_of_the_right_one():
    text = revealed(QUESTION, WRONG).text
    assert "◉ A <disk>. ← your prediction" in text
    assert "○ A stack of `layers`. ✓ right" in text
    assert text.index("It holds no kernel.") < text.index("Each stands on the one below.")


def test_a_right_prediction_is_explained_once():
    text = revealed(QUESTION, RIGHT).text
    assert "◉ A stack of `layers`. ← your prediction ✓ right" in text
    assert text.count("Each stands on the one below.") == 1
    assert "It holds no kernel." not in text


def test_the_static_form_folds_its_answer_and_the_text_form_has_none():
    page = static(QUESTION)
    assert "What is an image?" in page.text
    assert "○ A <disk>." in page.text
    assert "It holds no kernel." not in page.text
    before, folded = page.html.split("<details")
    assert "kernel" not in before
    assert "✓ right" not in before
    assert "It holds no kernel." in folded


def test_the_stored_forms_of_a_question_do_not_change(shown):
    predict("layers/image")
    predict("layers/image")
    first, second = (form._repr_mimebundle_()[0] for form in shown)
    model = "application/vnd.jupyter.widget-view+json"
    assert first.pop(model) != second.pop(model)
    assert first == second
    assert first["text/plain"] == static(QUESTION).text


def test_a_mistyped_id_gets_one_sentence(monkeypatch):
    said = []
    monkeypatch.setattr(module, "show", said.append)
    predict("no/such/question")
    assert said[0].text.startswith("There is no question 'no/such/question'")
