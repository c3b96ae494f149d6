"""What images carry in vain, and what they share."""

from dataclasses import replace

from course.engine.image_sizes import shared_sizes, size_of_layers
from course.engine.waste import as_dive_counts, waste
from course.layers.entry import symlink
from course.layers.image import Image
from course.layers.layer import Layer
from course.layers.small_image import small_images
from course.union.view import UnionView


def stack(*parts):
    layers = []
    for files, whiteouts in parts:
        layers.append(Layer.of(files, whiteouts, parent=layers[-1] if layers else None))
    return layers


def test_of_n_copies_all_but_one_are_wasted():
    layers = stack(({"/log": "1" * 10}, ()), ({"/log": "2" * 20}, ()), ({"/log": "3" * 40}, ()))
    found = waste(layers)
    assert (found.size, found.by_layer, found.by_path) == (30, {0: 10, 1: 20}, {"/log": 30})
    assert all(file.is_replaced for file in found.files)
    assert found.efficiency == 40 / 70


def test_a_deleted_file_is_wasted_whole_and_leaves_nothing():
    layers = stack(({"/a/b": "1234", "/a/c": symlink("b")}, ()), ({}, ["/a"]))
    found = waste(layers)
    assert {(file.path, file.size, file.is_replaced) for file in found.files} == {
        ("/a/b", 4, False),
        ("/a/c", 1, False),
    }
    assert found.efficiency == 0


def test_a_file_shows_while_one_of_its_names_does():
    first = Layer.of({"/one": "1234"})
    entries = {**first.entries, "/two": replace(first.entries["/one"], link_to="/one")}
    first = Layer(entries)
    second = Layer.of({}, whiteouts=["/one"], parent=first)
    assert waste([first, second]).size == 0
    assert waste([first, second, Layer.of({}, whiteouts=["/two"], parent=second)]).size == 4


def test_wasted_and_shown_bytes_are_all_there_are():
    for image in small_images().values():
        shown = Layer({path: found.entry for path, found in UnionView(image.layers).walk()}).size
        assert waste(image.layers).size + shown == image.size


def test_an_empty_image_wastes_nothing():
    assert (waste([]).size, waste([]).efficiency, as_dive_counts([])) == (0, 1.0, (0, 1.0))


def test_dive_counts_the_copy_that_shows_as_well():
    layers = stack(({"/log": "1" * 10, "/kept": "k" * 30}, ()), ({"/log": "2" * 20}, ()))
    assert as_dive_counts(layers) == (30, 40 / 60)


def test_dive_counts_a_deleted_directory_and_no_deleted_file():
    layers = stack(({"/a/b": "1234", "/c": "123456"}, ()), ({}, ["/a", "/c"]))
    assert as_dive_counts(layers) == (6, 8 / 14)


def test_a_layer_is_shared_only_on_the_same_layers():
    same = {"/same": "1234"}
    one, two = stack(({"/x": "1"}, ()), (same, ())), stack(({"/y": "1"}, ()), (same, ()))
    images = [Image.of(one), Image.of(two), Image.of([*one, Layer.of({"/z": "12"}, parent=one[-1])])]
    assert list(shared_sizes(images).values()) == [5, 0, 5]
    assert size_of_layers(image.layers for image in images) == 5 + 5 + 2
