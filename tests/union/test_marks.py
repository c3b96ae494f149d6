"""Whiteouts and opaque directories keep their meaning from one form to the other, and to the kernel."""

import dataclasses
import io
import tarfile

import pytest
from after_calls import after, without_sockets
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from kernel.cases import cases
from kernel.simulated import run as simulated
from kernel.stacks import stacks
from overlay_directories import NOW, PREFIXES, MountedDirectories
from stored_layers import read_back

from course.errors import InvalidLayer
from course.layers import paths
from course.layers.archive import tar_bytes
from course.layers.entry import FileEntry, Kind, directory, file
from course.layers.layer import Layer
from course.union.marks import TRUSTED, USER, from_oci, from_overlayfs, to_oci, to_overlayfs
from course.union.view import UnionView

WHITEOUT = FileEntry(Kind.CHARACTER_DEVICE, 0)
BASE = Layer.of({"/f": "f", "/g": "g", "/d": directory(0o700), "/d/a": "a", "/d/b": "b"})
BOTH = pytest.mark.parametrize("prefix", [TRUSTED, USER])
ATTRIBUTES = ["overlay.opaque", "overlay.overlay.opaque", "overlay.whiteout", "overlay.redirect", "overlay.metacopy"]
ATTRIBUTES += ["overlay.origin", "overlay.overlay.overlay.x", "overlayfs", "note"]


@st.composite
def stacks_with_attributes(draw, kind):
    """Stacks whose top layer has files with attributes that are called like marks (tuple of Layer)."""
    layers = draw(stacks(kind))
    names = [f"{namespace}.{name}" for namespace in ("user", "trusted")[: 1 + (kind == "root")] for name in ATTRIBUTES]
    entries = dict(layers[-1].entries)
    for path in sorted(path for path, entry in entries.items() if entry.kind in (Kind.FILE, Kind.DIRECTORY)):
        if not entries[path].link_to and not any(entry.link_to == path for entry in entries.values()):
            xattrs = draw(st.dictionaries(st.sampled_from(names), st.sampled_from([b"y", b"x", b""]), max_size=2))
            entries[path] = dataclasses.replace(entries[path], xattrs={**entries[path].xattrs, **xattrs})
    return *layers[:-1], dataclasses.replace(layers[-1], entries=entries)


# On a disk


@BOTH
def test_a_whiteout_is_a_character_device_0_0(prefix):
    assert to_overlayfs(Layer.of({}, ["/f"]), prefix) == {"/f": WHITEOUT}


@BOTH
def test_an_opaque_directory_has_an_attribute(prefix):
    form = to_overlayfs(Layer.of({"/d": directory(0o711)}, [], ["/d"]), prefix)
    assert form == {"/d": FileEntry(Kind.DIRECTORY, 0o711, xattrs={f"{prefix}opaque": b"y"})}


def test_a_directory_deleted_and_made_again_is_opaque():
    assert dict(to_overlayfs(Layer.of({"/d": None}, ["/d"]))["/d"].xattrs) == {"trusted.overlay.opaque": b"y"}


def test_a_file_deleted_and_made_again_is_the_file():
    assert to_overlayfs(Layer.of({"/f": "new"}, ["/f"])) == {"/f": file("new")}


def test_a_directory_that_the_layer_only_implies_is_there_with_the_attributes_that_it_has_below():
    form = to_overlayfs(Layer({"/d/new": file("")}, frozenset({"/d/b"}), parent=BASE))
    assert form == {"/d": BASE.entries["/d"], "/d/new": file(""), "/d/b": WHITEOUT}


@BOTH
def test_an_attribute_that_is_called_like_a_mark_is_escaped(prefix):
    layer = Layer.of({"/d": dataclasses.replace(directory(), xattrs={f"{prefix}opaque": b"y"})}, [], ["/d"])
    form = to_overlayfs(layer, prefix)
    assert dict(form["/d"].xattrs) == {f"{prefix}overlay.opaque": b"y", f"{prefix}opaque": b"y"}
    assert dict(from_overlayfs(form, prefix).entries["/d"].xattrs) == {f"{prefix}opaque": b"y"}


@pytest.mark.parametrize(("prefix", "other"), [(TRUSTED, USER), (USER, TRUSTED)])
def test_the_other_namespace_means_nothing(prefix, other):
    entry = dataclasses.replace(directory(), xattrs={f"{other}opaque": b"y", f"{other}redirect": b"/x"})
    again = from_overlayfs({"/d": entry}, prefix)
    assert (again.opaque, again.entries["/d"]) == (frozenset(), entry)
    assert to_overlayfs(again, prefix)["/d"] == entry


@BOTH
def test_overlayfs_own_notes_are_left_out(prefix):
    notes = {f"{prefix}{name}": b"\0" for name in ("origin", "impure", "uuid", "nlink", "protattr")}
    entry = dataclasses.replace(directory(), xattrs={**notes, "user.note": b"hi"})
    assert dict(from_overlayfs({"/d": entry}, prefix).entries["/d"].xattrs) == {"user.note": b"hi"}


@BOTH
@pytest.mark.parametrize("mark", ["redirect", "metacopy"])
def test_a_directory_whose_names_or_contents_lie_elsewhere_is_refused(prefix, mark):
    entry = dataclasses.replace(file(""), xattrs={f"{prefix}{mark}": b"/elsewhere"})
    with pytest.raises(InvalidLayer, match=f"'/d/f' has the mark '{prefix}{mark}': mount with redirect_dir=off"):
        from_overlayfs({"/d": directory(), "/d/f": entry}, prefix)


def in_old_form(prefix):
    """A directory with whiteouts in their other form, and what only looks like one (path to FileEntry)."""
    mark = {f"{prefix}whiteout": b"y"}
    return {
        "/d": dataclasses.replace(directory(), xattrs={f"{prefix}opaque": b"x"}),
        "/d/a": dataclasses.replace(file(""), xattrs=mark),
        "/d/b": dataclasses.replace(file("not empty"), xattrs=mark),
        "/d/new": dataclasses.replace(directory(), xattrs=mark),
        "/d/empty": file(""),
    }


@BOTH
def test_an_empty_file_with_an_attribute_is_a_whiteout_too_and_nothing_else_is(prefix):
    layer = from_overlayfs(in_old_form(prefix), prefix)
    assert (layer.whiteouts, layer.opaque) == ({"/d/a"}, frozenset())
    assert layer.entries == {
        "/d": directory(),
        "/d/b": file("not empty"),
        "/d/new": directory(),
        "/d/empty": file(""),
    }


def said(layer):
    """What overlayfs form can say of a layer: entries, whiteouts and opaque directories.

    Lost is which directories were only implied, and that something was deleted before it was made again.
    """
    view = UnionView(layer.stack)
    implied = {path: view.lookup(path).entry for path in layer.implied if path != paths.ROOT}
    again = {path for path in layer.whiteouts if layer.get(path)}
    opaque = layer.opaque | {path for path in again if layer.get(path).is_directory}
    return {**implied, **layer.entries}, layer.whiteouts - again, opaque


@BOTH
@settings(deadline=None)
@given(layers=stacks_with_attributes("root"))
def test_from_layer_to_overlayfs_form_and_back_nothing_else_is_lost(prefix, layers):
    form = to_overlayfs(layers[-1], prefix)
    again = from_overlayfs(form, prefix, layers[-1].parent)
    assert (again.entries, again.whiteouts, again.opaque) == said(layers[-1])
    assert again.parent is layers[-1].parent
    assert to_overlayfs(again, prefix) == form


@settings(deadline=None)
@given(stacks_with_attributes("root"))
def test_what_is_lost_does_not_show(layers):
    again = from_overlayfs(to_overlayfs(layers[-1]), parent=layers[-1].parent)
    assert shown([*layers[:-1], again]) == shown(layers)


def shown(layers):
    return {path: (found.entry, found.entry.read()) for path, found in UnionView(layers).walk()}


# In a tar


def test_marks_are_empty_files_in_a_tar():
    assert to_oci(Layer.of({"/d": None}, ["/f", "/d/a"], ["/d"])) == {
        "/.wh.f": FileEntry(Kind.FILE),
        "/d": directory(),
        "/d/.wh.a": FileEntry(Kind.FILE),
        "/d/.wh..wh..opq": FileEntry(Kind.FILE),
    }


@pytest.mark.parametrize("opaque", ["/", "/d"])
def test_an_opaque_directory_need_not_be_there_itself(opaque):
    layer = from_oci({paths.join(opaque, ".wh..wh..opq"): FileEntry(Kind.FILE)})
    assert (layer.entries, layer.opaque, layer.whiteouts) == ({}, {opaque}, frozenset())


@settings(deadline=None)
@given(stacks_with_attributes("root"))
def test_from_layer_to_oci_form_and_back_nothing_is_lost(layers):
    layer = layers[-1]
    again = from_oci(to_oci(layer), layer.parent)
    assert (again.entries, again.whiteouts, again.opaque, again.parent) == (
        layer.entries,
        layer.whiteouts,
        layer.opaque,
        layer.parent,
    )


@settings(deadline=None)
@given(stacks_with_attributes("root"))
def test_the_oci_form_is_what_lies_in_the_tar_and_what_is_read_from_it(layers):
    with tarfile.open(fileobj=io.BytesIO(tar_bytes(layers[-1]))) as tar:
        assert sorted(f"/{name}".replace("/.", "/", name == ".") for name in tar.getnames()) == sorted(
            to_oci(layers[-1])
        )
    from_tar, from_form = read_back(layers[-1]), from_oci(to_oci(layers[-1]), layers[-1].parent)
    assert from_tar.entries == from_form.entries
    assert (from_tar.whiteouts, from_tar.opaque) == (from_form.whiteouts, from_form.opaque)


def test_a_file_named_like_a_mark_has_no_oci_form():
    with pytest.raises(InvalidLayer, match=r"\.wh\.f"):
        to_oci(Layer.of({"/.wh.f": "x"}))


@settings(deadline=None)
@given(stacks_with_attributes("root"))
def test_from_overlayfs_form_to_oci_form_and_back_nothing_is_lost(layers):
    form = to_overlayfs(layers[-1])
    through = from_oci(to_oci(from_overlayfs(form)))
    assert to_overlayfs(through) == form


# In the kernel


@pytest.fixture(params=[pytest.param("root", marks=pytest.mark.root), "user"], scope="module")
def mounted(request):
    with MountedDirectories(request.param) as found:
        if found.lacking:
            pytest.skip(f"left out: needs {found.lacking}")
        yield found


def without_numbers(nodes):
    return {path: node._replace(seen=node.seen._replace(ino=0)) for path, node in nodes.items()}


@pytest.mark.linux
@settings(deadline=None)
@given(data=st.data())
def test_the_kernel_shows_of_the_overlayfs_form_what_the_union_shows(mounted, data):
    layers = data.draw(stacks_with_attributes(mounted.kind))
    assert without_numbers(mounted.shown(layers)) == without_numbers(simulated(layers, [])[1])


@pytest.mark.linux
def test_the_kernel_takes_the_same_for_a_whiteout(mounted):
    form = in_old_form(mounted.prefix)
    layers = [BASE, from_overlayfs(form, mounted.prefix, BASE)]
    told, ours = mounted.shown_over(BASE, form), simulated(layers, [])[1]
    assert sorted(told) == sorted(ours)
    assert told["/d/b"].content == ours["/d/b"].content == b"not empty"


@pytest.mark.linux
def test_an_opaque_root_is_no_mark_to_the_kernel(mounted):
    """The one thing that OCI form says and overlayfs form cannot."""
    layers = [BASE, Layer.of({"/new": ""}, [], ["/"], BASE)]
    assert sorted(mounted.shown(layers)["/"].names) == ["d", "f", "g", "new"]
    assert UnionView(layers).listdir("/") == ["new"]


@pytest.mark.linux
@settings(deadline=None)
@given(data=st.data())
def test_what_the_kernel_leaves_in_an_upper_directory_is_what_is_frozen(mounted, data):
    case = data.draw(cases(mounted.kind))
    calls = without_sockets(case.calls)
    frozen = after(case.layers, calls).freeze()
    assume(frozen.size < 1 << 16)
    left = from_overlayfs(mounted.written(case.layers, calls), PREFIXES[mounted.kind])
    assert (left.whiteouts, left.opaque) == (frozen.whiteouts, frozen.opaque)
    assert contents(left) == contents(frozen)


def contents(layer):
    """The entries of a layer, but for its root, with their contents; what was just done, was done now."""
    return {
        path: (
            dataclasses.replace(entry, mtime_ns=min(entry.mtime_ns, NOW)),
            b"" if entry.link_to else entry.read(),
        )
        for path, entry in layer.entries.items()
        if path != paths.ROOT
    }
