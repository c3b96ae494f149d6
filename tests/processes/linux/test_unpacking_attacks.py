"""Nothing outside the directory is touched, whatever an image says; and what the reader refuses is not begun.

The rows are those of the classes of attacks on programs that unpack images.  An image goes through the strict reader
first; the same attacks are made by layers that never were in a tar, which it cannot have seen.
"""

import os
import random
import stat
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from course.errors import CourseError, ImageError, InvalidLayer, LimitExceeded, MachineError
from course.layers.entry import FileEntry, InMemory, Kind, directory, file, symlink
from course.layers.layer import Layer
from course.processes.linux.scanning import remove_tree
from course.processes.linux.unpacking import IdMap, unpack
from course.transport.limits import Limits
from course.transport.reading import open_images

sys.path.append(str(Path(__file__).parents[2] / "transport"))
from image_making import END, Saved, digest, folder, hard_link, member, pax
from unpacked import opened

pytestmark = pytest.mark.linux
IDS = IdMap(os.geteuid(), os.getegid())
CANARY = b"as it was"


@pytest.fixture
def canary(tmp_path):
    """A file and a directory outside, which nobody may touch."""
    outside = tmp_path / "outside"
    outside.mkdir(0o755)
    (outside / "victim").write_bytes(CANARY)
    (outside / "victim").chmod(0o640)
    before = told(outside)
    yield outside
    assert told(outside) == before


def told(outside):
    facts = {}
    for path in (outside, *sorted(outside.rglob("*"))):
        found = path.lstat()
        facts[path.name] = (found.st_mode, found.st_uid, found.st_gid, found.st_nlink, found.st_mtime_ns)
    return facts, (outside / "victim").read_bytes()


@pytest.fixture
def place(tmp_path):
    (tmp_path / "store").mkdir()
    return tmp_path / "store"


def unpack_image(source, place, limits=Limits()):  # noqa: B008 (immutable)
    """Read an image, and then unpack its layers, each in a directory of its own, as the engine does."""
    [image] = open_images(source, limits)
    for number, layer in enumerate(image.layers):
        (place / str(number)).mkdir()
        with opened(place / str(number)) as target:
            unpack(layer, target, IDS)


def unpack_by_hand(layer, place):
    (place / "by-hand").mkdir()
    with opened(place / "by-hand") as target:
        return unpack(layer, target, IDS)


def unchecked(entries, whiteouts=(), opaque=()):
    """A layer that nothing has held to any rule."""
    layer = object.__new__(Layer)
    layer.__dict__.update(
        entries=entries,
        whiteouts=frozenset(whiteouts),
        opaque=frozenset(opaque),
        parent=None,
        known_diff_id=digest(b""),
        tar=None,
    )
    return layer


# Names, links and marks


def long_way_out(outside):
    """CVE-2025-4517: on a way that is too long for realpath a link leads out, and a hard link to a file there."""
    part, way, members = b"d" * 247, b"", []
    for letter in b"abcdefghijklmnop":
        members.append(pax((b"path", way + part)) + folder(b"x"))
        members.append(pax((b"path", way + bytes([letter])), (b"linkpath", part)) + member(b"x", kind=b"2", link=b"x"))
        way += part + b"/"
    steps = b"/".join(bytes([letter]) for letter in b"abcdefghijklmnop")
    link = steps + b"/" + b"l" * 254
    members.append(pax((b"path", link), (b"linkpath", b"../" * 16)) + member(b"l", kind=b"2", link=b"x"))
    escape = link + b"/../../../.." + os.fsencode(outside)
    members.append(pax((b"linkpath", escape)) + member(b"escape", kind=b"2", link=b"x"))
    return [*members, hard_link(b"flag", b"escape/victim"), member(b"flag", b"overwritten")]


TARS = {  # what an image holds, given what lies outside
    "a name from the root": lambda outside: [member(os.fsencode(outside) + b"/new")],
    "a name that leads up": lambda outside: [member(b"../outside/victim", b"x")],
    "a name that leads down and up": lambda outside: [folder(b"a"), member(b"a/../../outside/victim", b"x")],
    "a link, and a file written through it": lambda outside: [
        member(b"d", kind=b"2", link=os.fsencode(outside)),
        member(b"d/victim", b"x"),
    ],
    "a relative link, and a file written through it": lambda outside: [
        member(b"d", kind=b"2", link=b"../../outside"),
        member(b"d/victim", b"x"),
    ],
    "a link to a file, which is then written": lambda outside: [
        member(b"f", kind=b"2", link=os.fsencode(outside) + b"/victim"),
        member(b"f", b"x"),
    ],
    "the root as a link": lambda outside: [member(b".", kind=b"2", link=os.fsencode(outside)), member(b"new", b"x")],
    "a hard link to outside": lambda outside: [hard_link(b"h", os.fsencode(outside) + b"/victim")],
    "a hard link up and out": lambda outside: [hard_link(b"h", b"../../outside/victim")],
    "a hard link through a link": lambda outside: [
        member(b"d", kind=b"2", link=os.fsencode(outside)),
        hard_link(b"h", b"d/victim"),
    ],
    "a hard link that is then written": lambda outside: [
        member(b"s", kind=b"2", link=os.fsencode(outside) + b"/victim"),
        hard_link(b"h", b"s"),
        member(b"h", b"x"),
    ],
    "a way too long for realpath": long_way_out,
    "no name": lambda outside: [member(b"", b"x")],
    **{
        f"a whiteout {name!r}": lambda outside, name=name: [member(name)]
        for prefix in (b"", b"a/b/")
        for name in (prefix + b".wh.", prefix + b".wh..", prefix + b".wh...", prefix + b".wh.x/y")
    },
    "a whiteout through a link": lambda outside: [
        member(b"d", kind=b"2", link=os.fsencode(outside)),
        member(b"d/.wh.victim"),
    ],
    "an opaque mark through a link": lambda outside: [
        member(b"d", kind=b"2", link=os.fsencode(outside)),
        member(b"d/.wh..wh..opq"),
    ],
    "a size that makes a parser loop": lambda outside: [member(b"x", size=b"\xff" * 12)],
    "an attribute with a NUL byte": lambda outside: [pax((b"SCHILY.xattr.user.a\0b", b"x")), member(b"f")],
}
FINE = {"a name from the root"}  # which only means the layer's own root


@pytest.mark.parametrize("what", TARS)
def test_an_image_cannot_lead_out(canary, place, what):
    """Through the reader: it refuses, and nothing at all is written."""
    tar = b"".join(TARS[what](canary)) + END
    saved = Saved().image(tar).to_folder(place.parent / "image")
    if what in FINE:
        unpack_image(saved, place)
        assert (place / f"0{canary}" / "new").exists()
        return
    with pytest.raises(ImageError) as caught:
        unpack_image(saved, place)
    assert "\n" not in str(caught.value)
    assert list(place.iterdir()) == [] or "NUL" in what


def test_a_link_in_one_layer_and_a_file_through_it_in_the_next(canary, place):
    tars = [member(b"d", kind=b"2", link=os.fsencode(canary)) + END, member(b"d/victim", b"x") + END]
    unpack_image(Saved().image(*tars).to_folder(place.parent / "image"), place)
    assert (place / "1/d/victim").read_bytes() == b"x"
    assert not (place / "1/d").is_symlink()


BY_HAND = {
    "a name that leads up": lambda outside: ({"/../../outside/victim": file("x")}, (), ()),
    "a name without the root": lambda outside: ({"../../outside/new": file("x")}, (), ()),
    "a name with an empty part": lambda outside: ({f"/{outside}/victim": file("x")}, (), ()),
    "a directory above": lambda outside: ({"/..": directory(0o777)}, (), ()),
    "a file that is implied to lie above": lambda outside: ({"/../../outside/a/b": file("x")}, (), ()),
    "a link, and a file written through it": lambda outside: (
        {"/d": symlink(str(outside)), "/d/victim": file("x")},
        (),
        (),
    ),
    "a link, and a directory made in it": lambda outside: (
        {"/d": symlink(str(outside)), "/d/new": directory()},
        (),
        (),
    ),
    "the root as a link": lambda outside: ({"/": symlink(str(outside)), "/new": file("x")}, (), ()),
    "the root as a file": lambda outside: ({"/": file("x"), "/new": file("x")}, (), ()),
    "a hard link to outside": lambda outside: (
        {"/h": replace(file("x"), link_to=f"/../../outside/{'victim'}")},
        (),
        (),
    ),
    "a hard link through a link": lambda outside: (
        {"/d": symlink(str(outside)), "/h": replace(file("x"), link_to="/d/victim")},
        (),
        (),
    ),
    "a hard link to a directory": lambda outside: ({"/d": directory(), "/h": replace(file("x"), link_to="/d")}, (), ()),
    "a hard link to nothing": lambda outside: ({"/h": replace(file("x"), link_to="/missing")}, (), ()),
    "a whiteout above": lambda outside: ({}, ["/../../outside/victim"], ()),
    "a whiteout of the root": lambda outside: ({}, ["/"], ()),
    "a whiteout through a link": lambda outside: ({"/d": symlink(str(outside))}, ["/d/new"], ()),
    "an opaque directory above": lambda outside: ({}, (), ["/.."]),
    "an opaque link": lambda outside: ({"/d": symlink(str(outside))}, (), ["/d"]),
    "a name with a NUL byte": lambda outside: ({"/a\0b": file("x")}, (), ()),
    "a target with a NUL byte": lambda outside: ({"/l": symlink("a\0b")}, (), ()),
    "an attribute with a NUL byte": lambda outside: ({"/f": replace(file("x"), xattrs={"user.a\0b": b""})}, (), ()),
    "a content that is too short": lambda outside: (
        {"/f": FileEntry(Kind.FILE, size=1 << 40, content=InMemory(b"x"))},
        (),
        (),
    ),
}
HARMLESS = {"an opaque link"}


@pytest.mark.parametrize("what", BY_HAND)
def test_a_layer_that_no_reader_has_seen_cannot_lead_out(canary, place, what):
    entries, whiteouts, opaque = BY_HAND[what](canary)
    if what in HARMLESS:
        unpack_by_hand(unchecked(entries, whiteouts, opaque), place)
        return
    with pytest.raises(CourseError) as caught:
        unpack_by_hand(unchecked(entries, whiteouts, opaque), place)
    assert isinstance(caught.value, InvalidLayer | MachineError)
    assert "\n" not in str(caught.value)


def test_a_hard_link_to_a_link_is_the_link_itself(canary, place):
    target = symlink(str(canary / "victim"))
    unpack_by_hand(Layer.of({"/s": target, "/h": replace(file("x", 0o777), link_to="/s")}), place)
    assert (place / "by-hand/h").is_symlink()


def test_a_link_out_is_only_a_text(canary, place):
    layer = Layer.of({"/s": replace(symlink(str(canary / "victim")), uid=33, mtime_ns=5, mode=0o4777)})
    unpack_by_hand(layer, place)
    assert os.readlink(place / "by-hand/s") == str(canary / "victim")


# Another process changes directories meanwhile


def flipping(top, outside, stop):
    """Make a directory of the layer and a link to outside take turns."""
    while not stop.is_set():
        try:
            os.rename(top / "d", top / "was-d")
            os.symlink(outside, top / "d")
            os.unlink(top / "d")
            os.rename(top / "was-d", top / "d")
        except OSError:
            continue  # it is not there yet, or the layer is being removed


def test_a_directory_that_becomes_a_link_meanwhile_is_not_followed(canary, place):
    names = [f"/d/{number}" for number in range(60)]
    entries = {"/d": directory(0o755, mtime_ns=5)}
    entries |= {name: file("x", 0o777) for name in names[:20]}
    entries |= {f"/other{number}/f": file("x") for number in range(40)}  # so that /d is entered anew
    entries |= {name: symlink("x") for name in names[20:30]} | {name: FileEntry(Kind.FIFO) for name in names[30:40]}
    entries |= {name: replace(file("x"), link_to="/d/0") for name in names[40:50]}
    entries |= {f"{name}/deep": directory(0o777) for name in names[50:]}
    layer = Layer(entries, frozenset({"/d/gone"}))
    done, refused = 0, 0
    stop = threading.Event()
    top = place / "by-hand"
    thread = threading.Thread(target=flipping, args=(top, canary, stop))
    thread.start()
    try:
        while refused < 10 and done < 500:
            try:
                unpack_by_hand(layer, place)
                done += 1
            except MachineError:
                refused += 1
            with opened(place) as store:
                for _again in range(100):
                    try:
                        remove_tree(store, "by-hand")
                    except OSError:
                        continue
                    break
    finally:
        stop.set()
        thread.join()
    assert refused, "the attack never hit"


# Bombs, and what is damaged


BOMBS = {
    "many entries": (lambda: b"".join(member(b"%d" % number) for number in range(200)) + END, Limits(entries=100)),
    "many bytes": (lambda: member(b"f", bytes(1 << 20)) + END, Limits(uncompressed=1 << 19)),
    "deep": (lambda: member(b"d/" * 40 + b"f") + END, Limits(depth=20)),
    "a long name": (lambda: pax((b"path", b"n" * 300)) + member(b"f") + END, Limits()),
    "a long header": (lambda: pax((b"comment", bytes(2 << 20))) + member(b"f") + END, Limits()),
}


@pytest.mark.parametrize("what", BOMBS)
@pytest.mark.parametrize("compression", ["", "gzip", "zstd"])
def test_a_bomb_is_refused_before_anything_is_written(place, what, compression):
    make, limits = BOMBS[what]
    saved = Saved().image(make(), compression=compression).to_folder(place.parent / "image")
    with pytest.raises(LimitExceeded):
        unpack_image(saved, place, limits)
    assert list(place.iterdir()) == []


def test_a_bomb_of_zeros_is_refused_before_anything_is_written(place):
    saved = Saved().image(member(b"zeros", bytes(8 << 20)) + END, compression="gzip")
    with pytest.raises(LimitExceeded, match="bomb"):
        unpack_image(saved.to_folder(place.parent / "image"), place, Limits(free=1 << 20, ratio=10))
    assert list(place.iterdir()) == []


def damages(data):
    chance = random.Random(len(data))
    at = chance.randrange(len(data))
    yield "flipped", data[:at] + bytes([data[at] ^ 1 << chance.randrange(8)]) + data[at + 1 :]
    yield "truncated", data[: max(at, 1) - 1]
    yield "extended", data + b"\0"


@pytest.mark.parametrize("compression", ["", "gzip", "zstd"])
def test_whichever_blob_is_damaged_is_named_and_nothing_is_unpacked(place, compression):
    saved = Saved().image(member(b"a", b"x" * 5000) + END, member(b"b", b"y") + END, compression=compression)
    path = saved.to_folder(place.parent / "image")
    blobs = sorted((path / "blobs/sha256").iterdir())
    assert len(blobs) == 4  # the manifest, the config, two layers
    for blob in blobs:
        whole = blob.read_bytes()
        for how, data in damages(whole):
            blob.write_bytes(data)
            with pytest.raises(ImageError) as caught:
                unpack_image(path, place)
            assert blob.name in str(caught.value), how
            assert list(place.iterdir()) == [], how
        blob.write_bytes(whole)
    unpack_image(path, place)
    assert (place / "0/a").read_bytes() == b"x" * 5000


@pytest.mark.parametrize("compression", ["", "gzip"])
def test_an_image_file_that_changes_after_it_was_read_is_not_unpacked(place, compression):
    saved = Saved().image(member(b"a", b"x" * 5000) + END, compression=compression)
    path = saved.to_folder(place.parent / "image")
    [image] = open_images(path)
    blob = path / "blobs" / image.blobs[0].digest.replace(":", "/")
    blob.write_bytes(blob.read_bytes()[::-1])
    with pytest.raises(ImageError, match="the file has changed since it was read"):
        unpack_by_hand(image.layers[0], place)
    assert list((place / "by-hand").iterdir()) == []


@pytest.mark.parametrize("what", ["sha256:../../../../etc/passwd", "sha256:" + "A" * 64, "../x"])
def test_a_digest_is_no_path(place, what):
    saved = Saved()
    saved.manifests.append({**saved.manifest(member(b"a") + END), "digest": what})
    with pytest.raises(ImageError):
        unpack_image(saved.to_folder(place.parent / "image"), place)
    assert list(place.iterdir()) == []


# What an image brings harms nobody


def test_nothing_that_is_written_gives_anybody_rights(place):
    xattrs = {"security.capability": b"\1\0\0\2" + bytes(16), "user.note": b"x"}
    layer = Layer.of(
        {
            "/su": file("x", 0o6777),
            "/again": replace(file("x", 0o6777), link_to="/su"),
            "/ping": replace(file("x"), xattrs=xattrs),
            "/sda": FileEntry(Kind.BLOCK_DEVICE, 0o666, device=(8, 0)),
            "/mem": FileEntry(Kind.CHARACTER_DEVICE, 0o666, device=(1, 1)),
        }
    )
    unpack_by_hand(layer, place)
    found = {path.name: path.lstat().st_mode for path in (place / "by-hand").iterdir()}
    assert found == {"su": stat.S_IFREG | 0o777, "again": stat.S_IFREG | 0o777, "ping": stat.S_IFREG | 0o644}
    assert os.listxattr(place / "by-hand/ping") == ["user.note"]
