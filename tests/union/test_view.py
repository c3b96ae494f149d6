"""The union view shows what applying the layers one by one to an empty directory leaves."""

import errno

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course.layers import paths
from course.layers.entry import IMPLIED_DIRECTORY, FileEntry, Kind, directory, file, symlink
from course.layers.layer import Layer
from course.union.provenance import provenance
from course.union.view import UnionView


def stack(*layers):
    made = []
    for files, *marks in layers:
        made.append(Layer.of(files, *marks, parent=made[-1] if made else None))
    return made


def view(*layers):
    return UnionView(stack(*layers))


def errno_of(call, *arguments, **options):
    with pytest.raises(OSError) as caught:
        call(*arguments, **options)
    return caught.value.errno


# What wins


def test_the_topmost_layer_wins():
    assert view(({"/f": "old"},), ({"/f": "new"},)).read("/f") == b"new"


def test_what_no_layer_above_mentions_shows_through():
    assert view(({"/f": "old"},), ({"/g": ""},)).read("/f") == b"old"


def test_directories_on_directories_are_merged():
    assert view(({"/d/a": ""},), ({"/d/b": ""},)).listdir("/d") == ["a", "b"]


def test_a_whiteout_hides_what_lies_below():
    both = view(({"/f": "old"},), ({}, ["/f"]))
    assert both.lookup("/f") is None
    assert both.listdir("/") == []


def test_a_whiteout_of_a_directory_hides_all_that_is_in_it():
    assert errno_of(view(({"/d/e/f": ""},), ({}, ["/d"])).stat, "/d/e/f") == errno.ENOENT


def test_a_whiteout_does_not_hide_what_its_own_layer_brings():
    assert view(({"/d/old": ""},), ({"/d/new": ""}, ["/d"])).listdir("/d") == ["new"]


def test_a_whiteout_of_a_name_that_is_not_there_changes_nothing():
    assert view(({"/f": ""},), ({}, ["/g", "/no/where"])).listdir("/") == ["f", "no"]


def test_a_name_may_come_back_above_its_whiteout():
    assert view(({"/f": "1"},), ({}, ["/f"]), ({"/f": "3"},)).read("/f") == b"3"


def test_an_opaque_directory_hides_what_is_below_it_and_keeps_its_own():
    assert view(({"/d/a": ""},), ({"/d/b": ""}, [], ["/d"])).listdir("/d") == ["b"]


def test_layers_above_an_opaque_directory_still_merge_with_it():
    assert view(({"/d/a": ""},), ({"/d/b": ""}, [], ["/d"]), ({"/d/c": ""},)).listdir("/d") == ["b", "c"]


def test_an_opaque_root_hides_everything_below():
    assert view(({"/a": ""},), ({"/b": ""}, [], ["/"])).listdir("/") == ["b"]


def test_a_file_over_a_directory_hides_the_lowest_directory_for_good():
    assert view(({"/d/a": ""},), ({"/d": "file"},), ({"/d/b": ""},)).listdir("/d") == ["b"]


def test_a_directory_over_a_file_replaces_it():
    assert view(({"/d": "file"},), ({"/d/b": ""},)).listdir("/d") == ["b"]


def test_a_directory_over_a_symlink_replaces_it():
    both = UnionView([Layer.of({"/real/x": "", "/link": symlink("real")}), Layer({"/link/y": file("")})])
    assert both.listdir("/link") == ["y"]
    assert both.listdir("/real") == ["x"]


def test_the_topmost_directory_gives_the_attributes():
    assert view(({"/d": directory(0o700)},), ({"/d": directory(0o755)},)).stat("/d").mode == 0o755


def test_a_directory_that_is_only_implied_leaves_the_attributes_below_as_they_are():
    both = UnionView([Layer.of({"/d": directory(0o700)}), Layer({"/d/f": file("")})])
    assert both.stat("/d").mode == 0o700


def test_the_layers_that_show_through_are_named_topmost_first():
    assert view(({"/d/a": ""},), ({"/x": ""},), ({"/d/b": ""},)).lookup("/d").layers == (2, 0)


def test_an_image_that_carries_overlay_xattrs_does_not_alter_the_union():
    marked = FileEntry(Kind.DIRECTORY, 0o755, xattrs={"user.overlay.opaque": b"y", "trusted.overlay.opaque": b"y"})
    assert view(({"/d/a": ""},), ({"/d": marked},)).listdir("/d") == ["a"]


def test_no_layers_show_an_empty_root():
    assert UnionView([]).listdir("/") == []


# Names and links

LINKS = view(
    (
        {
            "/etc/motd": "hi",
            "/abs": symlink("/etc"),
            "/rel": symlink("etc/motd"),
            "/up": symlink("../../etc"),
            "/loop": symlink("loop"),
            "/dangling": symlink("nowhere"),
            "/etc/back": symlink("../rel"),
            "/long/1": symlink("2"),
            "/dev/null": FileEntry(Kind.CHARACTER_DEVICE, 0o666, device=(1, 3)),
        },
    )
)


@pytest.mark.parametrize(
    "path",
    ["/abs/motd", "/rel", "/up/motd", "/etc/back", "etc/motd", "//etc/./motd", "/etc/../etc/motd", "/abs/../rel"],
)
def test_links_and_dots_lead_to_the_file(path):
    assert LINKS.read(path) == b"hi"


@pytest.mark.parametrize(
    ("path", "number"),
    [
        ("", errno.ENOENT),
        ("/nowhere", errno.ENOENT),
        ("/dangling", errno.ENOENT),
        ("/loop", errno.ELOOP),
        ("/etc/motd/", errno.ENOTDIR),
        ("/etc/motd/x", errno.ENOTDIR),
        ("/etc/motd/..", errno.ENOTDIR),
        ("/rel/", errno.ENOTDIR),
    ],
)
def test_a_path_that_leads_nowhere_has_the_errno_of_linux(path, number):
    assert errno_of(LINKS.stat, path) == number


def test_forty_links_are_followed_and_no_more():
    chain = {f"/{number}": symlink(str(number + 1)) for number in range(41)} | {"/41": "end"}
    links = view((chain,))
    assert links.read("/1") == b"end"
    assert errno_of(links.read, "/0") == errno.ELOOP


def test_lstat_looks_at_the_link_itself_unless_a_slash_follows():
    assert LINKS.lstat("/abs").kind is Kind.SYMLINK
    assert LINKS.lstat("/abs/").is_directory
    assert LINKS.readlink("/abs") == "/etc"


def test_a_link_leads_through_the_union_and_not_through_its_own_layer():
    assert view(({"/link": symlink("target"), "/target": "old"},), ({"/target": "new"},)).read("/link") == b"new"


def test_reading_and_listing_refuse_the_wrong_kind():
    assert errno_of(LINKS.read, "/etc") == errno.EISDIR
    assert errno_of(LINKS.read, "/dev/null") == errno.EINVAL
    assert errno_of(LINKS.listdir, "/etc/motd") == errno.ENOTDIR
    assert errno_of(LINKS.readlink, "/etc") == errno.EINVAL


def test_walking_gives_every_path_once_and_sorted():
    walked = [path for path, _found in view(({"/b/c": "", "/a": ""},), ({"/b/a": ""}, ["/a"])).walk()]
    assert walked == ["/b", "/b/a", "/b/c"]


# Against another way to compute the same

NAMES = st.sampled_from(["a", "b", "c"])
PATHS = st.lists(NAMES, min_size=1, max_size=3).map(lambda names: "/" + "/".join(names))
ENTRIES = st.one_of(
    st.integers(0, 9).map(lambda number: file(str(number))),
    st.sampled_from([0o700, 0o755]).map(directory),
    NAMES.map(symlink),
)


@st.composite
def random_layers(draw):
    layers = []
    for _number in range(draw(st.integers(1, 4))):
        entries = draw(st.dictionaries(PATHS, ENTRIES, max_size=5))
        entries = {
            path: entry
            for path, entry in entries.items()
            if all(above not in entries or entries[above].is_directory for above in paths.ancestors(path))
        }
        solid = {path for path, entry in entries.items() if not entry.is_directory}
        marks = st.frozensets(
            PATHS.filter(lambda path, solid=solid: not solid.intersection(paths.ancestors(path))), max_size=2
        )
        opaque = frozenset(path for path in draw(marks) if path not in solid)
        layers.append(Layer(entries, draw(marks), opaque, layers[-1] if layers else None))
    return layers


def is_below(path, directory):
    return path != directory and (directory == "/" or path.startswith(f"{directory}/"))


def applied(layers):
    """The layers applied one by one to an empty directory, as image-spec layer.md words it: path -> FileEntry."""
    tree = {}
    for layer in layers:
        for cover in (*layer.opaque, *layer.whiteouts):
            gone = [path for path in tree if is_below(path, cover) or (path == cover and path in layer.whiteouts)]
            for path in gone:
                del tree[path]
        for path in sorted({*layer.entries, *layer.implied} - {"/"}):
            entry = layer.entries.get(path)
            kept = tree.get(path)
            if not (kept and kept.is_directory and (entry is None or entry.is_directory)):
                tree = {other: what for other, what in tree.items() if not is_below(other, path)}
                tree.pop(path, None)
            if entry or path not in tree:
                tree[path] = entry or IMPLIED_DIRECTORY
    return tree


def content(entry):
    return entry.st_mode, entry.target, entry.read()


@given(random_layers())
def test_the_view_is_what_applying_the_layers_leaves(layers):
    shown = {path: content(found.entry) for path, found in UnionView(layers).walk()}
    assert shown == {path: content(entry) for path, entry in applied(layers).items()}


@given(random_layers(), PATHS)
def test_provenance_names_the_winner_that_the_view_shows(layers, path):
    found = UnionView(layers).lookup(path)
    winner = provenance(layers, path).winner
    assert (found.layer if found else None) == (winner.layer if winner else None)


@given(random_layers(), PATHS)
def test_provenance_misses_no_version(layers, path):
    told = {version.layer for version in provenance(layers, path).versions if version.entry}
    assert told == {number for number, layer in enumerate(layers) if layer.get(path)}
