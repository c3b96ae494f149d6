"""What a stack of layers shows becomes one layer: whiteouts gone, hard links kept, nothing read or copied."""

import dataclasses

import pytest
from image_making import END, Saved, hard_link, member

from course.layers.archive import tar_bytes
from course.layers.entry import Kind, file, symlink
from course.layers.image import Image
from course.layers.layer import Layer
from course.transport.flattening import flatten
from course.transport.reading import open_image
from course.union.filesystem import UnionFilesystem
from course.union.view import UnionView

TWO_NAMES = {"/a": file("one"), "/b": dataclasses.replace(file("one"), link_to="/a"), "/c": symlink("a")}


def names_of_one_file(layer):
    return {path: entry.link_to for path, entry in layer.entries.items() if entry.link_to}


def test_it_shows_what_the_layers_show():
    base = Layer.of({**TWO_NAMES, "/d/gone": "", "/d/kept": "", "/o/gone": ""})
    top = Layer.of({"/o/new": "n", "/c": "a file"}, whiteouts=["/d/gone"], opaque=["/o"], parent=base)
    flat = flatten(top.stack)
    assert sorted(flat.entries) == ["/a", "/b", "/c", "/d", "/d/kept", "/o", "/o/new"]
    assert (flat.whiteouts, flat.opaque, flat.parent) == (frozenset(), frozenset(), None)
    assert flat.entries["/c"].read() == b"a file"


def test_the_names_of_one_file_stay_its_names():
    assert names_of_one_file(flatten([Layer.of(TWO_NAMES)])) == {"/b": "/a"}


def test_the_second_name_holds_the_content_when_the_first_is_hidden():
    base = Layer.of(TWO_NAMES)
    flat = flatten([base, Layer.of({}, whiteouts=["/a"], parent=base)])
    assert names_of_one_file(flat) == {}
    assert flat.entries["/b"].read() == b"one"


def test_a_name_that_sorts_before_the_first_one_holds_the_content():
    layer = Layer({"/z": file("one"), "/a": dataclasses.replace(file("one"), link_to="/z")})
    flat = flatten([layer])
    assert names_of_one_file(flat) == {"/z": "/a"}
    assert flat.entries["/a"].read() == b"one"


def test_a_copy_in_another_layer_is_another_file():
    base = Layer.of(TWO_NAMES)
    filesystem = UnionFilesystem([base])
    filesystem.chmod("/a", 0o600)
    flat = flatten([base, filesystem.freeze()])
    assert names_of_one_file(flat) == {}
    assert (flat.entries["/a"].mode, flat.entries["/b"].mode) == (0o600, 0o644)


def test_equal_paths_in_two_layers_are_no_hard_links():
    base = Layer.of({"/d/a": "below"})
    top = Layer({"/d/b": dataclasses.replace(file("x"), link_to="/d/c"), "/d/c": file("x")}, parent=base)
    assert names_of_one_file(flatten(top.stack)) == {"/d/c": "/d/b"}


def test_only_capabilities_stay_of_extended_attributes():
    entry = dataclasses.replace(file("x"), xattrs={"security.capability": b"c", "user.note": b"n"})
    assert flatten([Layer.of({"/x": entry})]).entries["/x"].xattrs == {"security.capability": b"c"}


def test_a_directory_over_a_directory_gives_the_attributes_and_one_that_is_only_implied_does_not():
    base = Layer.of({"/d": None})
    dirs = Layer({"/d": dataclasses.replace(base.entries["/d"], mode=0o700)}, parent=base)
    flat = flatten([base, dirs, Layer({"/d/f": file("")}, parent=dirs)])
    assert flat.entries["/d"].mode == 0o700
    assert flat.entries["/d"].kind is Kind.DIRECTORY


def test_no_layers_show_nothing():
    assert flatten([]).entries == {}


@pytest.mark.parametrize("compression", ["", "gzip", "zstd"])
def test_files_of_stored_layers_are_read_in_any_order_and_unpacked_once(tmp_path, compression, monkeypatch):
    import course.transport.unpacking as module

    backwards = b"".join(member(b"%02d" % number, b"%d" % number) for number in reversed(range(30)))
    tars = (backwards + hard_link(b"again", b"07") + END, member(b".wh.03") + member(b"01", b"new") + END)
    unpacked = []
    monkeypatch.setattr(
        module, "decompressed", lambda *given, real=module.decompressed: unpacked.append(1) or real(*given)
    )
    image = open_image(Saved().image(*tars, compression=compression).to_folder(tmp_path / "layout"))
    flat = flatten(image.layers)
    tar_bytes(flat)
    assert flat.entries["/01"].read() == b"new"
    assert [flat.entries[f"/{number:02}"].read() for number in range(4, 30)] == [b"%d" % n for n in range(4, 30)]
    assert flat.entries["/again"].link_to or flat.entries["/07"].link_to
    assert len(unpacked) == (2 if compression else 0)


def test_the_tar_of_what_is_flat_is_the_same_however_the_layers_came_to_it():
    whole = Layer.of(TWO_NAMES)
    with_more = Layer.of({**TWO_NAMES, "/more": ""})
    gone = Layer.of({}, whiteouts=["/more"], parent=with_more)
    assert tar_bytes(flatten([whole])) == tar_bytes(flatten([with_more, gone]))
    assert UnionView(Image.of([flatten(gone.stack)]).layers).listdir() == ["a", "b", "c"]
