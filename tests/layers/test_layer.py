"""A layer is an immutable value, known by what it holds and by what it stands on."""

import dataclasses

import pytest

from course.errors import InvalidLayer
from course.layers.entry import IMPLIED_DIRECTORY, file, symlink
from course.layers.layer import Layer

BASE = Layer.of({"/etc/motd": "welcome"})


def test_equal_content_on_equal_ground_is_an_equal_layer():
    again = Layer.of({"/etc/motd": "welcome"})
    assert again == BASE
    assert hash(again) == hash(BASE)
    assert Layer.of({"/a": ""}, parent=again) == Layer.of({"/a": ""}, parent=BASE)


def test_equal_content_on_other_ground_is_another_layer_with_the_same_diff_id():
    alone, on_base = Layer.of({"/a": ""}), Layer.of({"/a": ""}, parent=BASE)
    assert alone != on_base
    assert alone.diff_id == on_base.diff_id


def test_other_content_of_equal_size_is_another_layer():
    assert Layer.of({"/etc/motd": "WELCOME"}) != BASE


def test_a_layer_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        BASE.parent = None
    with pytest.raises(TypeError):
        BASE.entries["/x"] = file("x")


def test_the_stack_runs_from_the_lowest_layer_up():
    top = Layer.of({}, parent=Layer.of({"/a": ""}, parent=BASE))
    assert [layer.parent for layer in top.stack] == [None, top.stack[0], top.stack[1]]


def test_a_stack_of_500_layers_has_a_chain_id():
    layer = BASE
    for number in range(499):
        layer = Layer.of({"/n": str(number)}, parent=layer)
    assert len(layer.stack) == 500
    assert layer.chain_id.startswith("sha256:")


def test_directories_on_the_way_are_made_by_hand_and_implied_in_a_tar():
    assert BASE.get("/etc").is_directory
    read = Layer({"/etc/motd": file("welcome")})
    assert read.get("/etc") is IMPLIED_DIRECTORY
    assert read.implied == {"/", "/etc"}


@pytest.mark.parametrize("mark", ["whiteouts", "opaque"])
def test_a_mark_implies_the_directories_on_its_way(mark):
    layer = Layer({}, **{mark: frozenset({"/a/b"})})
    assert layer.get("/a") is IMPLIED_DIRECTORY
    assert (layer.get("/a/b") is IMPLIED_DIRECTORY) == (mark == "opaque")


def test_a_whiteout_brings_nothing():
    layer = Layer.of({}, whiteouts=["/etc/motd"])
    assert layer.get("/etc/motd") is None
    assert list(layer.children("/etc")) == []


@pytest.mark.parametrize("way", ["/link/x", "/link/deep/er/x"])
@pytest.mark.parametrize("mark", ["entry", "whiteouts"])
def test_nothing_lies_below_a_link_of_the_same_layer(way, mark):
    below = {way: file("")} if mark == "entry" else {}
    with pytest.raises(InvalidLayer, match="/link"):
        Layer({"/link": symlink("/etc"), **below}, frozenset() if below else frozenset({way}))


def test_an_opaque_path_is_a_directory():
    with pytest.raises(InvalidLayer, match="/link"):
        Layer({"/link": symlink("/etc")}, opaque=frozenset({"/link"}))


def test_a_file_with_two_names_counts_once():
    original = file("twelve bytes")
    layer = Layer.of({"/a": original, "/b": dataclasses.replace(original, link_to="/a")})
    assert layer.size == 12
