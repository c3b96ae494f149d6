"""Layers are laid out on disk as they are, each in a folder of its own, and nothing is written anywhere else."""

import errno
import io
import os
import stat
import sys
from dataclasses import replace

import pytest
from image_making import END, Saved, folder, hard_link, member, pax

from course.errors import MachineError, WorkspaceError
from course.layers.digest import short
from course.layers.entry import FileEntry, Kind, directory, file, symlink
from course.layers.image import Image
from course.layers.layer import Layer
from course.layers.small_image import small_image
from course.transport import lay_out as module
from course.transport.lay_out import lay_out
from course.transport.reading import open_image
from course.transport.stored_layer import stream_layer

BASE = Layer.of({"/etc/motd": file("welcome", 0o640, mtime_ns=10**18), "/etc/hosts": "hosts", "/old/file": ""})
TOP = Layer.of({"/etc/motd": "hello"}, whiteouts=["/etc/hosts"], opaque=["/old"], parent=BASE)
AS_ROOT = hasattr(os, "geteuid") and os.geteuid() == 0


@pytest.fixture
def place(tmp_path):
    return tmp_path / "laid out"


@pytest.fixture(params=["by descriptor", "by path"])
def either_way(request, monkeypatch):
    """The way of POSIX, and the way of Windows."""
    if request.param == "by path":
        monkeypatch.setattr(module, "BY_DESCRIPTOR", False)
    elif not module.BY_DESCRIPTOR:
        pytest.skip("left out: needs POSIX")


def tree(path):
    """What lies below a folder: names to contents, targets, or None for a folder."""
    found = {}
    for below in path.rglob("*"):
        name = below.relative_to(path).as_posix()
        found[name] = os.readlink(below) if below.is_symlink() else None if below.is_dir() else below.read_bytes()
    return found


@pytest.mark.usefixtures("either_way")
def test_each_layer_has_a_folder_named_by_number_and_chain_id(place):
    assert lay_out(Image.of([BASE, TOP]), place) == []
    assert sorted(path.name for path in place.iterdir()) == [f"1-{short(BASE.chain_id)}", f"2-{short(TOP.chain_id)}"]
    assert tree(place / f"1-{short(BASE.chain_id)}") == {
        "etc": None,
        "etc/motd": b"welcome",
        "etc/hosts": b"hosts",
        "old": None,
        "old/file": b"",
    }
    assert tree(place / f"2-{short(TOP.chain_id)}") == {
        "etc": None,
        "etc/motd": b"hello",
        "etc/.wh.hosts": b"",
        "old": None,
        "old/.wh..wh..opq": b"",
    }


def test_numbers_sort_as_layers_lie(place):
    layer, layers = None, []
    for number in range(11):
        layer = Layer.of({f"/{number}": ""}, parent=layer)
        layers.append(layer)
    lay_out(Image.of(layers), place)
    assert [path.name[:3] for path in sorted(place.iterdir())][:2] == ["01-", "02-"]


@pytest.mark.usefixtures("either_way")
def test_permissions_and_times_are_kept_and_the_owner_may_always_enter_and_write(place):
    layer = Layer.of(
        {
            "/": directory(0o555, mtime_ns=2 * 10**18),
            "/d": directory(0o500, mtime_ns=10**18),
            "/d/f": file("", 0o604, mtime_ns=3 * 10**17 + 5),
            "/d/secret": file("", 0),
            "/tmp": directory(0o1777),
        }
    )
    lay_out(Image.of([layer]), place)
    [top] = place.iterdir()

    def mode(path):
        return stat.S_IMODE(path.stat().st_mode)

    if os.name == "posix":
        modes = {path: mode(top / path) for path in ("", "d", "d/f", "d/secret", "tmp")}
        assert modes == {"": 0o755, "d": 0o700, "d/f": 0o604, "d/secret": 0o600, "tmp": 0o1777}
    assert (top / "d").stat().st_mtime_ns == 10**18
    assert abs((top / "d/f").stat().st_mtime_ns - (3 * 10**17 + 5)) < 10**6
    assert top.stat().st_mtime_ns == 2 * 10**18


@pytest.mark.usefixtures("either_way")
def test_links_are_links(place):
    original = file("content")
    layer = Layer.of(
        {
            "/a": original,
            "/d/again": replace(original, link_to="/a"),
            "/soft": symlink("/etc/shadow"),
            "/out": symlink("../../.."),
            "/soft-again": replace(symlink("/etc/shadow"), link_to="/soft"),
        }
    )
    assert lay_out(Image.of([layer]), place) == []
    [top] = place.iterdir()
    assert (top / "a").samefile(top / "d/again")
    assert os.readlink(top / "soft") == os.readlink(top / "soft-again") == "/etc/shadow"
    assert os.readlink(top / "out") == "../../.."


@pytest.mark.usefixtures("either_way")
def test_what_only_root_could_make_or_could_harm_is_left_out_and_said(place):
    null = FileEntry(Kind.CHARACTER_DEVICE, device=(1, 3))
    layer = Layer.of(
        {
            **{f"/dev/{name}": null for name in "abcde"},
            "/dev/f": replace(null, link_to="/dev/a"),
            "/fifo": FileEntry(Kind.FIFO),
            "/su": file("", 0o4755),
            "/sg": file("", 0o2755),
            "/g": directory(0o2775),
            "/x": FileEntry(Kind.FILE, xattrs={"security.capability": b"x"}),
        }
    )
    notes = lay_out(Image.of([layer]), place)
    [top] = place.iterdir()
    assert notes == [
        f"{top.name} leaves out devices and FIFOs: /dev/a, /dev/b, /dev/c and 4 more",
        f"{top.name} leaves out setuid and setgid bits: /su, /sg, /g",
        f"{top.name} leaves out extended attributes: /x",
    ]
    assert tree(top) == {"dev": None, "su": b"", "sg": b"", "g": None, "x": b""}
    for name in ("su", "sg", "g"):
        assert not (top / name).stat().st_mode & 0o6000


@pytest.mark.parametrize("compression", ["", "gzip", "zstd"])
def test_a_saved_image_is_laid_out_and_its_layers_are_decompressed_once(tmp_path, place, compression, monkeypatch):
    members = [member(b"d/%d" % number, b"x" * number * 100) for number in range(100)]
    tar = folder(b"d") + b"".join(members) + hard_link(b"again", b"d/7") + member(b".wh.gone") + END
    image = open_image(Saved().image(tar, compression=compression).to_folder(tmp_path / "layout"))
    opened = []
    monkeypatch.setattr(
        "course.transport.stored_layer.decompressed",
        lambda *args, real=sys.modules["course.transport.compression"].decompressed: opened.append(args) or real(*args),
    )
    assert lay_out(image, place) == []
    assert len(opened) == (1 if compression else 0)
    [top] = place.iterdir()
    assert tree(top) == {
        "d": None,
        **{f"d/{number}": b"x" * number * 100 for number in range(100)},
        "again": b"x" * 700,
        ".wh.gone": b"",
    }


def test_a_layer_in_another_order_than_its_tar_is_streamed_too(tmp_path):
    tar = b"".join(member(b"%d" % number, bytes([number]) * (1 << 20)) for number in range(9)) + END
    [layer] = open_image(Saved().image(tar, compression="gzip").to_folder(tmp_path / "layout")).layers
    backwards = Layer(dict(reversed(layer.entries.items())))
    assert {path: stream.read() for path, _, stream in stream_layer(backwards)} == {
        path: entry.read() for path, entry in layer.entries.items()
    }


def test_names_that_are_no_utf8_are_laid_out_where_the_disk_takes_them(place):
    if sys.platform != "linux":
        pytest.skip("left out: needs a Linux kernel")
    lay_out(Image.of([Layer.of({"/caf\udce9": "x"})]), place)
    assert os.listdir(os.fsencode(next(place.iterdir()))) == [b"caf\xe9"]


@pytest.mark.parametrize("seconds", [b"9" * 19, b"-" + b"9" * 19, b"-1"])
def test_a_time_that_no_disk_knows_is_no_reason_to_fail(tmp_path, place, seconds):
    tar = pax((b"mtime", seconds)) + member(b"x", b"hi") + END
    assert lay_out(open_image(Saved().image(tar).to_folder(tmp_path / "layout")), place) == []


def test_an_empty_folder_may_be_there_and_no_other(place):
    place.mkdir()
    assert lay_out(small_image(), place) != []
    before = tree(place)
    for taken in (place, next(place.rglob("motd"))):
        with pytest.raises(WorkspaceError, match="not an empty folder"):
            lay_out(small_image(), taken)
    assert tree(place) == before


def failing(layer, after=1):
    """The layer with a file that cannot be read."""

    class Broken(io.BytesIO):
        def read(self, size=-1):
            raise OSError(errno.ENOSPC, "No space left on device")

    class Content:
        def open(self):
            return Broken()

    return Layer(
        {**layer.entries, "/zz": FileEntry(Kind.FILE, size=1, content=Content())}, known_diff_id="sha256:" + 64 * "0"
    )


@pytest.mark.usefixtures("either_way")
@pytest.mark.parametrize("is_there", [True, False])
def test_after_a_failure_nothing_is_left(place, is_there):
    if is_there:
        place.mkdir()
    image = Image(Image.of([BASE]).config, (BASE, failing(TOP)))
    with pytest.raises(MachineError, match="'/zz' cannot be written there: No space left on device"):
        lay_out(image, place)
    assert place.exists() == is_there
    assert not is_there or list(place.iterdir()) == []


def test_after_an_interrupt_nothing_is_left(place, monkeypatch):
    def interrupted(*args, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "link", interrupted)
    original = file("x")
    layer = Layer.of({"/a": original, "/b": replace(original, link_to="/a")})
    with pytest.raises(KeyboardInterrupt):
        lay_out(Image.of([layer]), place)
    assert not place.exists()


@pytest.mark.usefixtures("either_way")
@pytest.mark.parametrize("kind", ["file", "directory", "symlink", "implied"])
def test_two_names_that_a_disk_takes_for_one_are_refused(place, monkeypatch, kind):
    """A disk that folds capitals, as macOS and Windows have it."""
    other = {"file": file("2"), "directory": directory(), "symlink": symlink("x")}.get(kind, file("2"))
    layer = Layer({"/readme": file("1"), ("/README/x" if kind == "implied" else "/README"): other})

    def folding(real):
        return lambda name, *args, **options: real(str(name).replace("README", "readme"), *args, **options)

    monkeypatch.setattr(os, "open", folding(os.open))
    monkeypatch.setattr(os, "mkdir", folding(os.mkdir))
    real_symlink = os.symlink
    monkeypatch.setattr(os, "symlink", lambda target, name, **more: real_symlink(target, name.lower(), **more))
    with pytest.raises(MachineError, match=r"'/README.*' cannot be told from another name there"):
        lay_out(Image(Image.of([BASE]).config, (layer,)), place)
    monkeypatch.undo()
    assert not place.exists()


@pytest.mark.skipif(not module.BY_DESCRIPTOR, reason="left out: needs POSIX")
def test_a_link_put_in_the_way_while_it_is_written_is_not_followed(tmp_path, place):
    """Another process swaps a directory for a link between two files: nothing is written through it."""
    outside = tmp_path / "outside"
    outside.mkdir()

    class Swapping:
        def open(self):
            [top] = place.iterdir()
            (top / "d").rename(top / "was-d")
            (top / "d").symlink_to(outside)
            return io.BytesIO(b"x")

    swap = FileEntry(Kind.FILE, size=1, content=Swapping())
    layer = Layer(
        {"/d": directory(), "/d/first": file("1"), "/swap": swap, "/d/second": file("2")}, known_diff_id=BASE.diff_id
    )
    with pytest.raises(MachineError, match="/d/second"):
        lay_out(Image(Image.of([BASE]).config, (layer,)), place)
    assert list(outside.iterdir()) == []
    assert not place.exists()


def test_where_windows_makes_no_symbolic_links_they_are_left_out_and_said(place, monkeypatch):
    def denied(*args, **options):
        raise OSError(1314, "A required privilege is not held by the client")

    layer = Layer.of({"/a": "x", "/link": symlink("a")})
    monkeypatch.setattr(os, "symlink", denied)
    with pytest.raises(MachineError, match="/link"):
        lay_out(Image.of([layer]), place)
    monkeypatch.setattr(module, "ON_WINDOWS", True)
    [note] = lay_out(Image.of([layer]), place)
    assert "symbolic links" in note
    assert note.endswith(": /link")


@pytest.mark.skipif(not AS_ROOT, reason="left out: needs root")
def test_root_lays_out_no_more_than_anyone(place):
    lay_out(small_image(), place)
    for path in place.rglob("*"):
        assert (path.lstat().st_uid, stat.S_ISCHR(path.lstat().st_mode)) == (0, False)
