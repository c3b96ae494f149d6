"""The read-write layer, frozen, is a layer: it shows what was written, and always has the same bytes."""

import dataclasses
import itertools
import stat
import subprocess
import sys

import pytest
from after_calls import after, without_sockets
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from kernel.calls import picture
from kernel.cases import cases
from stored_layers import read_back

from course.errors import InvalidLayer
from course.layers.archive import tar_bytes
from course.layers.entry import FileEntry, Kind, directory, file
from course.layers.layer import Layer
from course.union import flags
from course.union.filesystem import UnionFilesystem
from course.union.inode import WHITEOUT, Inode
from course.union.read_write_layer import ReadWriteLayer
from course.union.view import UnionView

NOW = 1_800_000_000 * 10**9
HELLO = file("hello")
BASE = Layer.of(
    {
        "/f": HELLO,
        "/one": HELLO,
        "/two": dataclasses.replace(HELLO, link_to="/one"),
        "/d/a": "a",
        "/d/b": "b",
        "/e": None,
    }
)


def union(*layers):
    return UnionFilesystem(layers or [BASE], clock=lambda: NOW)


def write(filesystem, path, data, how=flags.O_WRONLY | flags.O_CREAT | flags.O_TRUNC):
    filesystem.open_file(path, how, 0o644).write(data)


def frozen(*calls):
    """What is frozen after some calls, each a name and its arguments (Layer)."""
    filesystem = union()
    for name, *arguments in calls:
        write(filesystem, *arguments) if name == "write" else getattr(filesystem, name)(*arguments)
    return filesystem.freeze()


# What is in it


def test_of_what_was_not_touched_nothing_is_in_it():
    layer = frozen(("stat", "/f"), ("listdir", "/d"), ("open", "/f"))
    assert (layer.entries, layer.whiteouts, layer.opaque, layer.parent) == ({}, frozenset(), frozenset(), BASE)


def test_a_file_comes_with_its_content_and_all_that_is_known_of_it():
    layer = frozen(
        ("write", "/d/new", b"data"),
        ("setxattr", "/d/new", "user.note", b"\xff"),
        ("chmod", "/d/new", 0o4751),
        ("chown", "/d/new", 7, 8),
        ("chmod", "/d/new", 0o4751),
        ("utime", "/d/new", 5, 6),
    )
    assert list(layer.entries) == ["/d", "/d/new"]
    assert layer.entries["/d/new"] == FileEntry(Kind.FILE, 0o4751, 7, 8, 6, 4, xattrs={"user.note": b"\xff"})
    assert layer.entries["/d/new"].read() == b"data"


def test_links_fifos_and_devices_are_what_they_were():
    layer = frozen(
        ("symlink", "../f", "/d/link"),
        ("mknod", "/d/fifo", stat.S_IFIFO | 0o600),
        ("mknod", "/d/null", stat.S_IFCHR | 0o666, (1, 3)),
        ("mknod", "/d/disk", stat.S_IFBLK | 0o660, (8, 1)),
    )
    assert {path: (entry.kind, entry.mode, entry.target, entry.device) for path, entry in layer.entries.items()} == {
        "/d": (Kind.DIRECTORY, 0o755, "", (0, 0)),
        "/d/disk": (Kind.BLOCK_DEVICE, 0o640, "", (8, 1)),
        "/d/fifo": (Kind.FIFO, 0o600, "", (0, 0)),
        "/d/link": (Kind.SYMLINK, 0o777, "../f", (0, 0)),
        "/d/null": (Kind.CHARACTER_DEVICE, 0o644, "", (1, 3)),
    }


def test_deletions_become_its_whiteouts_and_replaced_directories_are_opaque():
    layer = frozen(
        ("unlink", "/f"),
        ("unlink", "/d/a"),
        ("rmdir", "/e"),
        ("mkdir", "/e"),
        ("write", "/x", b""),
        ("unlink", "/x"),
    )
    assert (layer.whiteouts, layer.opaque) == ({"/f", "/d/a"}, {"/e"})
    assert set(layer.entries) == {"/d", "/e"}


def test_of_the_names_of_a_file_the_first_holds_it_and_the_others_refer_to_it():
    layer = frozen(("write", "/z", b"12345"), ("link", "/z", "/d/y"), ("link", "/z", "/zz"))
    assert {path: entry.link_to for path, entry in layer.entries.items()} == {
        "/d": "",
        "/d/y": "",
        "/z": "/d/y",
        "/zz": "/d/y",
    }
    assert layer.size == 5
    assert union(BASE, layer).stat("/z").st_nlink == 3


def test_of_two_names_below_only_the_one_that_was_written_is_in_it():
    layer = frozen(("write", "/one", b"new"))
    assert layer.entries["/one"].link_to == ""
    above = union(BASE, layer)
    assert [above.stat(name).st_nlink for name in ("/one", "/two")] == [1, 2]


def test_two_symbolic_links_with_one_inode_stay_one():
    layer = frozen(("symlink", "f", "/s"), ("link", "/s", "/t"))
    assert layer.entries["/t"].link_to == "/s"
    above = union(BASE, layer)
    assert above.lstat("/t").st_ino == above.lstat("/s").st_ino


def test_no_layer_can_hold_a_socket_so_it_is_left_out():
    layer = frozen(("mknod", "/d/socket", stat.S_IFSOCK | 0o755), ("mknod", "/s", stat.S_IFSOCK), ("write", "/n", b""))
    assert list(layer.entries) == ["/d", "/n"]


@pytest.mark.parametrize(
    ("call", "is_in_it"),
    [
        (("chmod", "/", 0o700), True),
        (("chown", "/", 5, -1), True),
        (("chown", "/", -1, 5), True),
        (("setxattr", "/", "user.k", b"v"), False),
        (("chmod", "/", 0o755), False),
        (("chown", "/", 0, 0), False),
        (("write", "/new", b""), False),
    ],
)
def test_the_root_is_in_it_only_if_its_mode_or_owner_changed(call, is_in_it):
    assert ("/" in frozen(call).entries) == is_in_it


def test_a_root_that_was_changed_below_is_not_in_it():
    base = Layer.of({"/": directory(0o700, uid=3)})
    filesystem = union(base)
    assert filesystem.stat("/")[:1] == (stat.S_IFDIR | 0o700,)
    write(filesystem, "/new", b"")
    assert list(filesystem.freeze().entries) == ["/new"]


def test_a_union_over_nothing_freezes_into_a_lowest_layer():
    filesystem = union(Layer.of({}))
    write(filesystem, "/f", b"hello")
    nothing_below = UnionFilesystem([], clock=lambda: NOW)
    write(nothing_below, "/f", b"hello")
    assert nothing_below.freeze().diff_id == filesystem.freeze().diff_id
    assert nothing_below.freeze().parent is None


def test_on_layers_it_begins_with_the_root_that_they_show():
    root = ReadWriteLayer.on(UnionView([Layer.of({"/": directory(0o1777, uid=3, gid=4)})]), now=NOW).root
    assert (root.mode, root.uid, root.gid, root.mtime_ns) == (stat.S_IFDIR | 0o1777, 3, 4, NOW)


# What does not change it


def test_what_is_written_afterwards_does_not_show():
    filesystem = union()
    fd = filesystem.open("/f", flags.O_RDWR)
    filesystem.pwrite(fd, b"J", 0)
    filesystem.mkdir("/new")
    filesystem.setxattr("/new", "user.k", b"v")
    layer = filesystem.freeze()
    before = tar_bytes(layer)
    filesystem.pwrite(fd, b"M", 0)
    filesystem.ftruncate(fd, 2)
    filesystem.setxattr("/new", "user.k", b"w")
    filesystem.chmod("/new", 0o700)
    filesystem.unlink("/d/a")
    write(filesystem, "/more", b"")
    filesystem.rmdir("/new")
    assert tar_bytes(layer) == before
    assert layer.entries["/f"].read() == b"Jello"
    assert list(layer.entries) == ["/f", "/new"]


def test_it_cannot_be_changed():
    layer = frozen(("write", "/f", b""), ("setxattr", "/f", "user.k", b"v"))
    with pytest.raises(TypeError):
        layer.entries["/x"] = file("")
    with pytest.raises(TypeError):
        layer.entries["/f"].xattrs["user.k"] = b"w"


def test_what_a_union_over_it_writes_does_not_show_in_it():
    layer = frozen(("write", "/new", b"hello"))
    above = union(BASE, layer)
    write(above, "/new", b"JELLO", flags.O_RDWR)
    assert layer.entries["/new"].read() == b"hello"


# Above the others it shows the same as before


def shown(filesystem):
    """Everything that a union shows (dict), but for inode numbers, and the time and attributes of its root.

    A root is made anew for each union, with the mode and owner that the layers give it.
    """
    nodes = {path: node._replace(seen=node.seen._replace(ino=0)) for path, node in picture(filesystem).items()}
    nodes["/"] = nodes["/"]._replace(seen=nodes["/"].seen._replace(mtime=0), xattrs=())
    return nodes


@settings(deadline=None)
@given(cases("root"))
def test_a_copy_is_the_same_and_what_is_written_to_one_never_shows_in_the_other(case):
    original = after(case.layers, case.calls[::2]).read_write_layer
    before, copy = everything(original), original.copy()
    assert everything(copy) == before
    for changed, kept in ((original.copy(), original), (original, copy)):
        after(case.layers, case.calls, changed)
        for path, inode in list(changed.root.walk()):
            if inode.is_directory:
                inode.put("added", Inode(0, stat.S_IFREG), 0)
            elif inode.is_file:
                inode.data.write(0, b"changed")
            if inode is not WHITEOUT:
                inode.xattrs["user.changed"] = path.encode("utf-8", "surrogateescape")
        assert everything(kept) == before


def everything(layer):
    """All that a read-write layer holds (list): equal if each path, attribute, number, content and link is."""
    first = {}
    return [
        (
            *(path, inode is WHITEOUT, first.setdefault(inode, path), list(inode.entries), dict(inode.xattrs)),
            *(inode.ino, inode.mode, inode.uid, inode.gid, inode.nlink, inode.target, inode.device, inode.opaque),
            *(inode.atime_ns, inode.mtime_ns, inode.ctime_ns, inode.size, inode.data.blocks, inode.data.read(0, 9000)),
        )
        for path, inode in layer.root.walk()
    ]


def test_a_copy_goes_on_with_the_numbers_where_the_original_was():
    filesystem = union()
    write(filesystem, "/new", b"new")
    numbers = [filesystem.stat(path).st_ino for path in ("/", "/f", "/new")]
    again = UnionFilesystem([BASE], filesystem.read_write_layer.copy(), clock=lambda: NOW)
    assert [again.stat(path).st_ino for path in ("/", "/f", "/new")] == numbers
    for each in (filesystem, again):
        each.mkdir("/later")
    assert again.stat("/later").st_ino == filesystem.stat("/later").st_ino
    assert again.freeze() == filesystem.freeze()


@settings(deadline=None)
@given(cases("root"))
def test_a_union_over_it_shows_what_the_union_showed(case):
    filesystem = after(case.layers, without_sockets(case.calls))
    above = UnionFilesystem([*case.layers, filesystem.freeze()])
    assert shown(above) == shown(filesystem)
    assert above.changes() == []


@settings(deadline=None)
@given(cases("root"))
def test_whatever_was_done_its_tar_says_the_same(case):
    layer = after(case.layers, without_sockets(case.calls)).freeze()
    assume(layer.size < 1 << 20)  # holes are written as zeros
    names = [path.rpartition("/")[2] for path in layer.entries]
    if any(name.startswith(".wh.") for name in names):
        with pytest.raises(InvalidLayer):
            tar_bytes(layer)
        return
    again = read_back(layer)
    assert (again.entries, again.whiteouts, again.opaque) == (layer.entries, layer.whiteouts, layer.opaque)
    assert {path: entry.read() for path, entry in again.entries.items() if not entry.link_to} == {
        path: entry.read() for path, entry in layer.entries.items() if not entry.link_to
    }
    assert tar_bytes(again) == tar_bytes(layer)
    assert again.diff_id == layer.diff_id


# The same bytes

CONTENT = {"/z": b"z", "/d/new": b"n", "/d/a": b"a2", "/caf\udce9": b"", "/x/y/z": b"deep"}
SCRIPT = """
import sys
sys.path[:0] = {path!r}
from test_read_write_layer import made
print(made().freeze().diff_id)
"""


def made(order=tuple(CONTENT), forwards=True):
    """A union in which files were written in this order; what else was done, in this order or the other."""
    filesystem = union()
    filesystem.mkdir("/x")
    filesystem.mkdir("/x/y")
    for path in order:
        write(filesystem, path, CONTENT[path])
    for name in ("user.b", "user.a") if forwards else ("user.a", "user.b"):
        filesystem.setxattr("/z", name, b"v")
    names = ["/link", "/d/link", "/x/link", "/x/y/link"][:: 1 if forwards else -1]
    write(filesystem, names[0], b"linked")
    for name in names[1:]:
        filesystem.link(names[0], name)
    for path in ("/two", "/one") if forwards else ("/one", "/two"):
        filesystem.unlink(path)
    for path in ("/e", "/d") if forwards else ("/d", "/e"):
        filesystem.utime(path, 0, 0)
    return filesystem


def test_the_same_layer_is_written_with_the_same_bytes_again_and_again():
    filesystem = made()
    layer = filesystem.freeze()
    assert tar_bytes(layer) == tar_bytes(layer) == tar_bytes(filesystem.freeze())


@settings(deadline=None)
@given(st.permutations(list(CONTENT)), st.booleans())
def test_its_diff_id_does_not_tell_in_which_order_things_were_made(order, forwards):
    assert made(order, forwards).freeze().diff_id == made().freeze().diff_id


def test_it_is_the_same_in_every_process():
    child = SCRIPT.format(path=[path for path in sys.path if path])
    digests = [
        subprocess.run(
            [sys.executable, "-c", child], env={"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        ).stdout.strip()
        for seed in ("1", "2")
    ]
    assert digests == [made().freeze().diff_id] * 2


def test_every_call_shows_in_its_diff_id():
    calls = [
        ("chmod", "/f", 0o600),
        ("chown", "/f", 1, -1),
        ("chown", "/f", -1, 1),
        ("utime", "/f", 0, 1),
        ("setxattr", "/f", "user.k", b""),
        ("truncate", "/f", 0),
        ("unlink", "/f"),
        ("write", "/f", b"HELLO"),
        ("link", "/f", "/g"),
        ("rename", "/f", "/g"),
        ("mkdir", "/g"),
        ("symlink", "f", "/g"),
        ("symlink", "g", "/g"),
        ("mknod", "/g", stat.S_IFIFO),
        ("mknod", "/g", stat.S_IFCHR, (1, 3)),
        ("mknod", "/g", stat.S_IFCHR, (1, 5)),
        ("chmod", "/", 0o700),
    ]
    digests = [frozen(call).diff_id for call in calls]
    assert all(one != other for one, other in itertools.combinations(digests, 2))


# Inode numbers


def test_the_names_of_a_file_below_share_a_number_until_one_is_written():
    filesystem = union()
    both = [filesystem.stat(name).st_ino for name in ("/one", "/two")]
    assert both[0] == both[1]
    filesystem.chmod("/one", 0o600)
    assert filesystem.stat("/two").st_ino == both[1]
    assert filesystem.stat("/one").st_ino != both[0]


def test_a_file_with_one_name_keeps_its_number():
    filesystem = union()
    before = [filesystem.stat(path).st_ino for path in ("/", "/f", "/d", "/d/a")]
    for path in ("/", "/f", "/d", "/d/a"):
        filesystem.chmod(path, 0o700)
    assert [filesystem.stat(path).st_ino for path in ("/", "/f", "/d", "/d/a")] == before
    assert len(set(before)) == 4
