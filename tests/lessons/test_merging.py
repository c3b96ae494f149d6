"""What becomes of a learner's cells when the lesson is updated."""

from hypothesis import given
from hypothesis import strategies as st

from course.lessons.merging import merge, source


def cell(name, text, **more):
    return {"id": name, "cell_type": "code", "metadata": {}, "outputs": [], "source": text, **more}


def notebook(*cells):
    return {"cells": list(cells), "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


def texts(merged):
    return [source(cell) for cell in merged["cells"]]


def test_a_cell_that_was_not_touched_takes_the_new_text_without_the_old_output():
    old = cell("a", "print(1)", outputs=["1"])
    merged = merge(notebook(cell("a", "print(1)")), notebook(old), notebook(cell("a", "print(2)", outputs=["2"])))
    assert merged["cells"] == [cell("a", "print(2)", outputs=["2"])]


def test_a_cell_whose_text_stays_keeps_its_output():
    ran = cell("a", "print(1)", outputs=["1"], execution_count=3)
    merged = merge(notebook(cell("a", "print(1)")), notebook(ran), notebook(cell("a", "print(1)"), cell("b", "new")))
    assert merged["cells"] == [ran, cell("b", "new")]


def test_a_cell_that_the_learner_changed_stays_with_its_output():
    mine = cell("a", "print('mine')", outputs=["mine"])
    merged = merge(notebook(cell("a", "print(1)")), notebook(mine), notebook(cell("a", "print(2)")))
    assert merged["cells"] == [mine]


def test_a_cell_that_the_learner_made_into_text_stays_text():
    mine = cell("a", "print(1)", cell_type="markdown")
    merged = merge(notebook(cell("a", "print(1)")), notebook(mine), notebook(cell("a", "print(2)")))
    assert merged["cells"] == [mine]


def test_an_exercise_is_found_again_under_another_id():
    base = notebook(cell("a", "%%exercise layers/lookup\n..."))
    mine = notebook(cell("a", "%%exercise layers/lookup\nanswer"))
    shipped = notebook(cell("z", "%%exercise layers/lookup\n.... better"))
    assert merge(base, mine, shipped)["cells"] == [cell("z", "%%exercise layers/lookup\nanswer")]


def test_an_exercise_without_its_first_line_is_found_again_by_its_id():
    base = notebook(cell("a", "%%exercise layers/lookup\n..."))
    mine = notebook(cell("a", "answer"))
    shipped = notebook(cell("a", "%%exercise layers/lookup\n.... better"))
    assert texts(merge(base, mine, shipped)) == ["answer"]


def test_of_two_cells_with_one_exercise_both_stay():
    base = notebook(cell("a", "%%exercise layers/lookup\n..."))
    mine = notebook(cell("a", "%%exercise layers/lookup\none"), cell("b", "%%exercise layers/lookup\ntwo"))
    shipped = notebook(cell("a", "%%exercise layers/lookup\n.... better"))
    assert texts(merge(base, mine, shipped)) == ["%%exercise layers/lookup\none", "%%exercise layers/lookup\ntwo"]


def test_cells_of_the_learner_stay_after_the_cell_that_they_followed():
    base = notebook(cell("a", "A"), cell("b", "B"))
    mine = notebook(cell("x", "first"), cell("a", "A"), cell("y", "mine"), cell("z", "too"), cell("b", "B"))
    shipped = notebook(cell("new", "NEW"), cell("b", "B2"), cell("a", "A2"))
    assert texts(merge(base, mine, shipped)) == ["first", "NEW", "B2", "A2", "mine", "too"]


def test_a_cell_that_the_lesson_gave_up_goes_unless_the_learner_changed_it():
    base = notebook(cell("a", "A"), cell("b", "B"), cell("c", "C"))
    mine = notebook(cell("a", "A"), cell("b", "my B"), cell("c", "C"))
    assert texts(merge(base, mine, notebook(cell("a", "A")))) == ["A", "my B"]


def test_a_cell_that_the_learner_deleted_comes_back_only_when_the_lesson_changed_it():
    base = notebook(cell("a", "A"), cell("b", "B"), cell("c", "C"))
    shipped = notebook(cell("a", "A"), cell("b", "B2"), cell("c", "C2"))
    assert texts(merge(base, notebook(cell("c", "C")), shipped)) == ["B2", "C2"]


def test_without_the_original_what_differs_counts_as_the_learners():
    mine = notebook(cell("a", "perhaps old, perhaps mine"), cell("b", "B"))
    merged = merge(notebook(), mine, notebook(cell("a", "A"), cell("b", "B"), cell("c", "C")))
    assert texts(merged) == ["perhaps old, perhaps mine", "B", "C"]


def test_an_id_is_never_used_twice():
    mine = notebook(cell("a", "A"), cell("a", "a copy"), cell("b", "B"))
    merged = merge(notebook(cell("a", "A")), mine, notebook(cell("a", "A2"), cell("b", "new")))
    assert sorted(texts(merged)) == ["A2", "B", "a copy"]
    assert len({cell["id"] for cell in merged["cells"]}) == 3


def without_ids(*texts):
    return notebook(*({"cell_type": "code", "metadata": {}, "source": text} for text in texts))


def test_cells_without_ids_are_matched_by_their_place():
    base = without_ids("intro", "x = ...", "outro")
    mine = without_ids("intro", "x = 1", "outro", "my own")
    assert texts(merge(base, mine, without_ids("new intro", "x = ...", "outro"))) == [
        "new intro",
        "x = 1",
        "outro",
        "my own",
    ]


def test_a_lesson_that_gets_ids_keeps_the_answers_and_gives_every_cell_an_id():
    base = without_ids("intro", "x = ...")
    mine = without_ids("intro", "x = 1", "my own")
    merged = merge(base, mine, notebook(cell("i", "intro"), cell("x", "x = ...")))
    assert texts(merged) == ["intro", "x = 1", "my own"]
    assert [cell["id"] for cell in merged["cells"]][:2] == ["i", "x"]
    assert merged["cells"][2]["id"]


ids = st.sampled_from("abcdefgh")
lesson = st.lists(ids, unique=True).flatmap(
    lambda names: st.tuples(*(st.tuples(st.just(name), st.sampled_from(["0", "1"])) for name in names))
)
learner = st.lists(
    st.tuples(st.sampled_from("abcdefghxyz"), st.sampled_from(["0", "1", "mine"])), unique_by=lambda c: c[0]
)


@given(lesson, learner, lesson)
def test_nothing_that_a_learner_wrote_is_lost_and_what_was_not_touched_is_the_lessons(base, mine, shipped):
    merged = merge(*(notebook(*(cell(*each) for each in cells)) for cells in (base, mine, shipped)))
    found = {cell["id"]: source(cell) for cell in merged["cells"]}
    assert len(found) == len(merged["cells"])
    for name, text in mine:
        if dict(base).get(name) != text:
            assert found[name] == text
        elif name in dict(shipped):
            assert found[name] == dict(shipped)[name]
        else:
            assert name not in found


@given(lesson, learner, lesson)
def test_merging_again_changes_nothing(base, mine, shipped):
    base, mine, shipped = (notebook(*(cell(*each) for each in cells)) for cells in (base, mine, shipped))
    once = merge(base, mine, shipped)
    assert merge(shipped, once, shipped) == once
