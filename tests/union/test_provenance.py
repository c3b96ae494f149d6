"""Provenance tells every version of a path, and why one of them wins."""

import pytest

from course.layers.layer import Layer
from course.union.provenance import Fate, Mark, provenance


def told(layers, path):
    stack = []
    for files, *marks in layers:
        stack.append(Layer.of(files, *marks, parent=stack[-1] if stack else None))
    return [
        (version.layer, version.fate and version.fate.value, version.by, version.mark and version.mark.value)
        for version in provenance(stack, path).versions
    ]


FACTS = {
    "the topmost version wins and covers the others": (
        [({"/f": "1"},), ({"/f": "2"},), ({"/g": ""},)],
        "/f",
        [(1, "wins", None, None), (0, "covered", 1, None)],
    ),
    "directories merge": (
        [({"/d/a": ""},), ({"/d/b": ""},)],
        "/d",
        [(1, "wins", None, None), (0, "merged", 1, None)],
    ),
    "a whiteout deletes": (
        [({"/f": "1"},), ({}, ["/f"])],
        "/f",
        [(1, None, None, "whiteout"), (0, "deleted", 1, None)],
    ),
    "a whiteout of a directory deletes what is in it": (
        [({"/d/f": "1"},), ({}, ["/d"]), ({"/d/f": "3"},)],
        "/d/f",
        [(2, "wins", None, None), (1, None, None, "whiteout"), (0, "covered", 2, None)],
    ),
    "an opaque directory hides": (
        [({"/d/f": "1"},), ({"/d/g": ""}, [], ["/d"])],
        "/d/f",
        [(1, None, None, "opaque"), (0, "opaque", 1, None)],
    ),
    "a file where a directory was hides what was in it": (
        [({"/d/f": "1"},), ({"/d": "file"},)],
        "/d/f",
        [(0, "replaced", 1, None)],
    ),
    "a file under a directory is covered by it": (
        [({"/d": "file"},), ({"/d/f": ""},)],
        "/d",
        [(1, "wins", None, None), (0, "covered", 1, None)],
    ),
    "a whiteout beside a new version in one layer speaks of the layers below": (
        [({"/f": "1"},), ({"/f": "2"}, ["/f"])],
        "/f",
        [(1, "wins", None, "whiteout"), (0, "deleted", 1, None)],
    ),
    "of two reasons the upper one decides": (
        [({"/f": "1"},), ({"/f": "2"},), ({}, ["/f"])],
        "/f",
        [(2, None, None, "whiteout"), (1, "deleted", 2, None), (0, "deleted", 2, None)],
    ),
    "nobody speaks of it": ([({"/f": "1"},)], "/g", []),
}


@pytest.mark.parametrize("fact", FACTS)
def test_provenance(fact):
    layers, path, versions = FACTS[fact]
    assert told(layers, path) == versions


def test_every_fate_and_mark_has_words_that_name_its_cause():
    stack = [Layer.of({"/d/f": "1"}), Layer.of({"/d/f": "2"}), Layer.of({}, ["/d"]), Layer.of({"/d/f": ""})]
    reasons = [version.reason for version in provenance(stack, "/d/f").versions]
    assert reasons == [
        "wins: no layer above says anything about it",
        "a whiteout: hides /d in every layer below",
        "covered by layer 4, which has the same path",
        "covered by layer 4, which has the same path",
    ]
    assert len(Fate) + len(Mark) == 8
