import hashlib
import os
import subprocess
import sys

import pytest
from drawn import Drawn, check
from hypothesis import given, settings
from hypothesis import strategies as st
from models import ODD, images, names, paths, stacks

from course import figures
from course.errors import CourseError
from course.figures.choice import telling_paths
from course.figures.lesson_map import LESSONS
from course.figures.sheets import MOST
from course.layers.digest import short
from course.layers.layer import Layer
from course.layers.small_image import small_image, small_images
from course.union.provenance import provenance
from course.union.view import UnionView
from course.words import shown

quick = settings(max_examples=60, deadline=None)


def pile(count):
    layers = []
    for number in range(count):
        files = {f"/only/{number}": str(number), "/in/every/layer": str(number)}
        layers.append(Layer.of(files, parent=layers[-1] if layers else None))
    return layers


@quick
@given(images())
def test_a_stack_shows_every_layer_once_with_its_digests_and_what_it_stands_on(image):
    figure = figures.stack(image)
    drawn = check(figure)
    assert sorted(drawn.badges(), key=int) == [str(number + 1) for number in range(len(image.layers))]
    for number, (layer, step) in enumerate(zip(image.layers, image.config.instructions(), strict=True)):
        facts = [f"diff_id {short(layer.diff_id)}", f"chain_id {short(layer.chain_id)}", shown(" ".join(step.split()))]
        assert all(any(fact in said for said in drawn.said()) for fact in facts)
        assert all(fact in figure.text for fact in facts)
        assert number == 0 or f"stands on layer {number}\n" in f"{figure.text}\n"
    assert short(image.image_id) in figure.text


@quick
@given(stacks())
def test_a_stack_of_layers_without_an_image_is_drawn_too(layers):
    assert sorted(check(figures.stack(layers)).badges(), key=int) == [str(at + 1) for at in range(len(layers))]


@pytest.mark.parametrize("count", [0, 1, MOST, MOST + 1, 500])
def test_of_a_high_stack_the_middle_is_folded_and_the_picture_says_how_many(count):
    figure = figures.stack(pile(count))
    drawn = check(figure)
    assert len(drawn.badges()) == min(count, MOST)
    folded = [said for said in drawn.said() if "folded" in said]
    assert folded == (["layers 13 to 488 are folded here"] if count == 500 else folded)
    assert bool(folded) == (count > MOST)
    assert all(said in figure.text for said in folded)


def test_the_arrow_to_the_parent_is_there_only_where_there_is_a_parent():
    base = Layer.of({"/a": "1"})
    unrelated = [base, Layer.of({"/b": "2"})]
    related = [base, Layer.of({"/b": "2"}, parent=base)]
    arrows = [figures.stack(layers).svg.count("lbl-pointer") for layers in (unrelated, related)]
    assert arrows[1] == arrows[0] + 1
    assert "stands on nothing" in figures.stack(unrelated).text.splitlines()[2]
    assert "not in this picture" in figures.stack([related[1]]).text


@quick
@given(stacks(), st.data())
def test_the_union_figure_says_of_each_path_what_the_view_says(layers, data):
    some = data.draw(st.lists(paths | st.sampled_from(telling_paths(layers) or ["/"]), min_size=1, max_size=6))
    figure = figures.union_beside_stack(layers, some)
    drawn, view = check(figure), UnionView(layers)
    for path in set(some) if len(layers) <= 8 else ():
        found = view.lookup(path) if layers else None
        assert shown(path) in drawn.said()
        verdicts = [line for line in figure.text.splitlines() if line.startswith(shown(path)[:20])]
        if found and found.entry.is_directory and len(found.layers) > 1:
            wanted = f"from layers {', '.join(str(layer + 1) for layer in found.layers)}:"
        else:
            wanted = f"from layer {found.layer + 1}:" if found else "not there:"
        assert any(said.startswith(wanted) for said in drawn.said())
        assert len(shown(path)) > 60 or any(wanted in line for line in verdicts)


@quick
@given(images())
def test_the_union_figure_draws_each_version_once_and_says_what_it_leaves_out(image):
    figure = figures.union_beside_stack(image)
    drawn = check(figure)
    every = telling_paths(image.layers)
    rows = [path for path in every if shown(path) in {text.full for text in drawn.texts}]
    assert len(rows) >= min(len(every), 1)
    left = len(every) - len([text for text in drawn.texts if text.looks[0] == "path"])
    assert (f"{left} more path" in figure.text) == (left > 0)
    assert len(drawn.badges()) == len(set(drawn.badges())) == min(len(image.layers), 8)


def test_of_many_layers_those_are_drawn_that_decide():
    layers = pile(100)
    drawn = Drawn(figures.union_beside_stack(layers, ["/only/3", "/in/every/layer"]))
    assert {"4", "100"} <= set(drawn.badges())
    assert "92 more layers are left out" in drawn.said()


def test_no_more_layers_are_drawn_than_fit_and_rows_that_need_them_are_left_out():
    figure = figures.union_beside_stack(pile(100), [f"/only/{number}" for number in range(12)])
    assert check(figure).badges() == [str(number + 1) for number in range(8)]
    assert "4 more paths are left out\n92 more layers are left out" in figure.text


def test_where_there_is_room_the_topmost_layers_are_drawn_too():
    drawn = check(figures.union_beside_stack(pile(10), ["/only/0"]))
    assert drawn.badges() == ["1", *(str(number) for number in range(4, 11))]


def test_a_path_that_is_asked_for_is_pointed_at_though_no_layer_has_it():
    figure = figures.union_beside_stack([Layer.of({"/a": "1"})], asked="/b")
    assert "> /b" in figure.text
    assert "not there: no layer brings it" in figure.text
    assert "the path that is asked for" in check(figure).said()


@quick
@given(stacks(20), paths)
def test_provenance_gives_every_version_with_its_reason(layers, path):
    figure = figures.provenance(layers, path)
    drawn = check(figure)
    versions = provenance(layers, path).versions
    assert {str(version.layer + 1) for version in versions} <= set(drawn.badges()) or len(versions) > 16
    for version in versions:
        assert version.reason in figure.text
        assert len(versions) > 16 or any(version.reason in said for said in drawn.said())


def test_a_long_reason_takes_two_lines():
    base = Layer.of({"/app/a": "1"})
    middle = Layer.of({"/app/a": "2"}, opaque=["/app"], parent=base)
    top = Layer.of({}, whiteouts=["/app/a"], parent=middle)
    drawn = check(figures.provenance([base, middle, top], "/app/a"))
    reason = "hidden: layer 3 has a whiteout for /app/a; opaque: hides what layers below have in /app"
    parts = [text.said for text in drawn.texts if text.full == reason]
    assert len(parts) == 2
    assert " ".join(parts) == reason


def test_of_500_versions_most_are_folded_and_counted():
    figure = figures.provenance(pile(500), "/in/every/layer")
    assert len(check(figure).badges()) == 16
    assert "484 more versions are folded here: layers 5 to 488" in check(figure).said()
    assert len(figure.text.splitlines()) == 501


@quick
@given(st.lists(images(4), max_size=10))
def test_sharing_draws_each_shared_layer_once(some):
    figure = figures.sharing(some)
    drawn = check(figure)
    chains = {layer.chain_id for image in some[:8] for layer in image.layers}
    assert len(drawn.badges()) == len(chains)
    assert len(figure.text.splitlines()) == 1 + len({layer.chain_id for image in some for layer in image.layers})
    assert (len(some) > 8) == any("left out" in said for said in drawn.said())


def test_a_layer_is_shared_where_the_chain_id_is_the_same():
    figure = figures.sharing(list(small_images().values()))
    assert "shared by base:1, greeter:1, greeter:2" in figure.text
    assert figure.text.count("only in greeter:1") == 2
    assert "shared by 3 images" in " ".join(check(figure).said())


def test_sharing_folds_what_does_not_branch():
    from course.layers.image import Image

    layers = pile(60)
    drawn = check(figures.sharing([Image.of(layers, names=["a"]), Image.of(layers[:30], names=["b"])]))
    assert [text.said for text in drawn.texts if "folded" in text.said] == ["3 to 29 folded", "32 to 59 folded"]


@given(st.dictionaries(st.sampled_from(list(LESSONS)), st.floats(0, 1)), st.sets(st.sampled_from(list(LESSONS))))
def test_the_course_map_says_of_every_lesson_how_far_one_is(done, available):
    figure = figures.course_map(done, available)
    said = [text.said for text in check(figure).texts]
    there = set(done) | available
    lines = [line for line in figure.text.splitlines() if line.startswith("  ")]
    assert len(lines) == 15
    assert said.count("to come") == sum("to come" in line for line in lines) == 15 - len(there)
    finished = sum(fraction == 1 for fraction in done.values())
    assert said.count("done") == sum(line.endswith("  done") for line in lines) == finished


@given(st.floats(0, 1, exclude_min=True, exclude_max=True))
def test_what_is_begun_is_neither_ready_nor_done(fraction):
    said = Drawn(figures.course_map({"01_layers": fraction})).said()
    assert not said & {"ready", "done", "0 % done", "100 % done"}


plain_trees = st.dictionaries(paths, st.text(max_size=9), max_size=20)


@quick
@given(
    st.lists(st.dictionaries(paths | st.text(max_size=3), st.none() | st.text(max_size=5), max_size=4), max_size=4),
    paths,
)
def test_a_case_is_always_drawn(layers, path):
    check(figures.case_picture(layers, path))


@pytest.mark.parametrize("layers", [[7], [{"/a": 1}], [{1: "a"}], [{"/a": "1", "/a/b": "2"}], [{"/../a": "1"}], [None]])
def test_a_case_that_makes_no_sense_is_shown_as_it_is_written(layers):
    figure = figures.case_picture(layers, "/a")
    assert repr(layers[0]) in figure.text
    check(figure)


def test_a_case_points_at_the_path_and_at_the_mark_that_hides_it():
    figure = figures.case_picture([{"/a": "1"}, {"/a": None}, {"/b": "2"}], "/a")
    assert [line for line in figure.text.splitlines() if line.startswith("> /a")]
    assert "not there: layer 2 hides it" in check(figure).said()


@quick
@given(plain_trees, plain_trees)
def test_two_trees_are_compared_path_by_path(old, new):
    figure = figures.trees(old, new)
    said = [text.said for text in check(figure).texts]
    every = sorted({*old, *new})[:14]
    assert said.count("+ is new") == sum(path not in old for path in every)
    assert said.count("− goes") == sum(path not in new for path in every)
    assert said.count("= stays") == sum(old.get(path) == new.get(path) for path in every)


@given(st.sampled_from(ODD) | names)
def test_a_name_is_text_whatever_it_is(name):
    layers = [Layer.of({f"/{name}": name.encode("utf-8", "surrogateescape")})]
    for figure in (figures.union_beside_stack(layers), figures.provenance(layers, f"/{name}")):
        assert shown(f"/{name}") in check(figure).said()
        assert shown(name)[-40:] in figure.text


def every_sample():
    image = small_image()
    return [
        figures.stack(image),
        figures.union_beside_stack(image),
        figures.provenance(image, "/app/notes.txt"),
        figures.sharing(list(small_images().values())),
        figures.course_map({}),
        figures.case_picture([{"/a": "1"}], "/a"),
        figures.trees({"/a": "1"}, {"/b": "1"}),
    ]


def test_figures_share_a_page_without_sharing_ids():
    ids = [place.get("id") for figure in every_sample() for place in Drawn(figure).root.iter() if place.get("id")]
    assert len(ids) == len(set(ids)) == 2 * len(every_sample())


@pytest.mark.parametrize("seed", ["1", "2"])
def test_a_figure_is_the_same_in_every_process(seed):
    script = "import test_figures, hashlib; print(test_figures.fingerprint())"
    env = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    run = subprocess.run([sys.executable, "-c", script], env=env, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == fingerprint()


def fingerprint():
    whole = "".join(figure.html + figure.text for figure in every_sample())
    return hashlib.sha256(whole.encode()).hexdigest()


def test_a_notebook_gets_the_drawing_and_the_words():
    figure = figures.stack(small_image())
    bundle = figure._repr_mimebundle_()
    assert bundle["text/plain"] == figure.text
    assert figure.svg in bundle["text/html"]
    assert 'hidden="hidden"' in bundle["text/html"].partition("<svg")[0]


def test_a_figure_is_saved_as_drawing_or_words(tmp_path):
    figure = figures.stack(small_image())
    figure.save(tmp_path / "stack.svg")
    figure.save(str(tmp_path / "stack.txt"))
    assert (tmp_path / "stack.svg").read_text("utf-8") == f"{figure.svg}\n"
    assert (tmp_path / "stack.txt").read_text("utf-8") == f"{figure.text}\n"


def test_a_figure_is_not_saved_as_anything_else(tmp_path):
    with pytest.raises(CourseError, match=r"stack\.png.*'\.svg' or '\.txt'"):
        figures.stack(small_image()).save(tmp_path / "stack.png")
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_figure_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'poster'"):
        figures.poster  # noqa: B018
