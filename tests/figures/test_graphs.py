import sys
import types
from itertools import pairwise

import pytest
from drawn import SVG, Drawn, check_form, check_looks
from hypothesis import given, settings
from hypothesis import strategies as st
from models import ODD, names

from course.figures import graphs
from course.figures.graphs import graph
from course.words import shown

NODES = {
    "tag": ("demo:1", "tag"),
    "config": ('image config "4f2a" \\N <b>', "view"),
    "layer": ("layer 9c1b", "sheet"),
    "alone": ("nobody names me", "sheet"),
}
EDGES = {("tag", "config"): "names", ("config", "layer"): 'as "diff_id" two words', ("tag", "layer"): ""}
FACTS = [
    "demo:1 → image config",
    '→ layer 9c1b (as "diff_id" two words)',
    "demo:1 → layer 9c1b\n",
    "nobody names me",
]


# what `dot -Tplain` answers
PLAIN = """graph 1 9 2
node n0 1 1 1 0.5 label solid box black lightgrey
node n1 4 1 3 0.5 label solid box black lightgrey
node n2 7 1 2 0.5 label solid box black lightgrey
node n3 1 0.3 2 0.5 label solid box black lightgrey
edge n0 n1 4 1.5 1 2 1 2.2 1 2.4 1 names 2 1.2 solid black
edge n1 n2 4 5.5 1 5.6 1 5.7 1 5.9 1 label 5.7 1.2 solid black
edge n0 n2 4 1.5 1 2 1 3 2 6 1 solid black
stop"""


VIEW = "application/vnd.jupyter.widget-view+json"


def draw():
    return graph("What names what", "Names, configs and layers.", NODES, EDGES)


def without(monkeypatch, *renderers):
    """Take renderers away: a program that is not found, a library that cannot be imported."""
    if "dot" in renderers:
        monkeypatch.setenv("PATH", "/nowhere")
    if "pygraphviz" in renderers:
        monkeypatch.setitem(sys.modules, "pygraphviz", None)


def stand_in(monkeypatch, folder, script):
    """Put a program named `dot` first on PATH that does what the script says."""
    program = folder / "dot"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")


def check_drawing(figure):
    drawn = Drawn(figure)
    check_form(drawn)
    check_looks(drawn)
    said = [text.said for text in drawn.texts]
    assert all(said.count(label) == 1 for label, _look in NODES.values())
    assert all(label in said for label in EDGES.values() if label)
    assert [text for text in drawn.texts if not drawn.canvas.holds(text.box)] == []
    assert all(fact in f"{figure.text}\n" for fact in FACTS)


@pytest.mark.peer("dot")
def test_dot_on_the_path_comes_first():
    figure = draw()
    assert figure.renderer == "dot"
    check_drawing(figure)


def test_without_dot_pygraphviz_lays_it_out(monkeypatch):
    pytest.importorskip("pygraphviz", exc_type=ImportError)
    without(monkeypatch, "dot")
    figure = draw()
    assert figure.renderer == "pygraphviz"
    check_drawing(figure)


def test_without_either_the_words_are_the_drawing(monkeypatch):
    without(monkeypatch, "dot", "pygraphviz")
    figure = draw()
    assert figure.renderer == "text"
    drawn = Drawn(figure)
    check_form(drawn)
    assert [text.said for text in drawn.texts] == figure.text.split("\n")
    assert figure._repr_mimebundle_()["text/plain"] == figure.text


@pytest.mark.parametrize("failure", [ImportError("libX11.so.6"), OSError("libglib-2.0.so.0"), RuntimeError("odd")])
def test_pygraphviz_may_fail_to_load_in_any_way(monkeypatch, failure):
    class Broken:
        def find_spec(self, name, path=None, target=None):
            if name.partition(".")[0] == "pygraphviz":
                raise failure

    for name in [name for name in sys.modules if name.partition(".")[0] == "pygraphviz"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "meta_path", [Broken(), *sys.meta_path])
    without(monkeypatch, "dot")
    assert draw().renderer == "text"


@pytest.mark.parametrize(
    "script",
    [
        "exit 1",
        "kill -SEGV $$",
        "echo nonsense",
        "echo graph 1 two three",
        "printf '\\377\\376'",
        "echo graph 1 2 2; echo node n0 1 1 1 1",  # half of the answer
        f"echo '{PLAIN}'; exit 1",
        f"sleep 5; echo '{PLAIN}'",
    ],
)
def test_a_broken_or_hanging_dot_is_passed_over(monkeypatch, tmp_path, script):
    without(monkeypatch, "pygraphviz")
    monkeypatch.setattr(graphs, "TIMEOUT", 0.3)
    stand_in(monkeypatch, tmp_path, script)
    assert draw().renderer == "text"


def test_the_stand_in_for_dot_would_be_taken_if_it_worked(monkeypatch, tmp_path):
    stand_in(monkeypatch, tmp_path, f"echo '{PLAIN}'")
    assert draw().renderer == "dot"


def test_in_a_notebook_that_can_the_page_lays_it_out(monkeypatch):
    without(monkeypatch, "dot", "pygraphviz")
    page = types.ModuleType("graphviz_anywidget")
    page.__spec__ = types.SimpleNamespace()
    page.graphviz_widget_simple = lambda dot, enable_zoom: types.SimpleNamespace(model_id=dot)
    monkeypatch.setitem(sys.modules, "graphviz_anywidget", page)
    assert draw().renderer == "text"  # no notebook
    shell = types.SimpleNamespace(kernel=object())
    monkeypatch.setitem(sys.modules, "IPython", types.SimpleNamespace(get_ipython=lambda: shell))
    figure = draw()
    assert figure.renderer == "browser"
    bundle = figure._repr_mimebundle_()
    assert bundle[VIEW]["model_id"] == figure.dot
    assert bundle["text/plain"] == figure.text
    page.graphviz_widget_simple = None  # a widget that fails leaves the words
    assert figure._repr_mimebundle_().keys() == {"text/html", "text/plain"}


def test_the_library_that_draws_in_the_page_takes_the_graph(monkeypatch):
    library = pytest.importorskip("graphviz_anywidget")
    figure = graphs.Graph(**{**draw().__dict__, "renderer": "browser"})
    made = []
    simple = library.graphviz_widget_simple
    monkeypatch.setattr(library, "graphviz_widget_simple", lambda *a, **k: made.append(simple(*a, **k)) or made[-1])
    assert figure._repr_mimebundle_()[VIEW]["model_id"] == made[0].model_id
    assert made[0].dot_source == figure.dot


def test_a_graph_is_the_same_whenever_the_same_renderer_draws_it():
    assert draw() == draw()


def test_the_words_are_the_same_whatever_draws(monkeypatch):
    words = draw().text
    without(monkeypatch, "dot", "pygraphviz")
    assert draw().text == words


@settings(max_examples=20, deadline=None)
@given(st.lists(st.sampled_from(ODD) | names, min_size=1, max_size=6, unique=True))
def test_any_name_can_be_a_label(labels):
    nodes = {name: (shown(name), "sheet") for name in labels}
    edges = {(one, other): shown(one) for one, other in pairwise(labels)}
    figure = graph("Odd names", "Whatever a name is.", nodes, edges)
    drawn = Drawn(figure)
    check_form(drawn)
    assert all(float(rect.get("width")) < 300 for rect in list(drawn.root.iter(f"{SVG}rect"))[1:])
    full = [text.full for text in drawn.texts]
    found = "\n".join(full) if figure.renderer == "text" else full  # where nothing lays it out, lines hold the names
    assert all(shown(name) in found for name in labels)
    assert [text for text in drawn.texts if not drawn.canvas.holds(text.box)] == []
