from course.widgets.predict import PredictForm

VIEW = "application/vnd.jupyter.widget-view+json"


def form():
    return PredictForm(static={"text/plain": "the words"}, question="<b>Why?</b>", choices=["a", "b"], button="Lock in")


def test_it_shows_the_form_and_keeps_its_static_forms():
    data, _metadata = form()._repr_mimebundle_()
    assert data["text/plain"] == "the words"
    assert VIEW in data


def test_its_model_holds_what_the_page_draws():
    state = form().get_state()
    assert (state["question"], state["choices"], state["button"]) == ("<b>Why?</b>", ["a", "b"], "Lock in")
    assert state["chosen"] is None
    assert "static" not in state


def test_its_script_and_style_are_files_of_their_own():
    state = form().get_state()
    assert "export default { render }" in state["_esm"]
    assert ".lesson-predict" in state["_css"]


def test_a_choice_that_is_locked_in_is_heard():
    heard = []
    asked = form()
    asked.observe(lambda change: heard.append(change["new"]), "chosen")
    asked.set_state({"chosen": 1})  # as the page does
    assert heard == [1]
