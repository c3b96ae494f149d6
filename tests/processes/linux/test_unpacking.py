"""A layer that is unpacked shows, mounted, what the layer says, but for what only the host's root may have."""

import os
import resource
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings

from course.errors import InvalidLayer, MachineError
from course.layers.entry import FileEntry, InMemory, Kind, directory, file, symlink
from course.layers.layer import Layer
from course.processes.linux import unpacking
from course.processes.linux.unpacking import IdMap, unpack
from course.union.filesystem import UnionFilesystem
from course.union.view import UnionView

sys.path.append(str(Path(__file__).parents[2] / "union"))
from kernel.calls import picture
from kernel.checking import SETTINGS
from kernel.compare import differences
from kernel.stacks import stacks
from unpacked import UnpackedOverlay, opened

pytestmark = pytest.mark.linux
AS_ROOT = hasattr(os, "geteuid") and os.geteuid() == 0
OWN = IdMap(os.geteuid(), os.getegid())
SUBORDINATE = IdMap(100_000, 100_000, 65_536)
NULL = FileEntry(Kind.CHARACTER_DEVICE, 0o666, device=(1, 3))
KINDS = [pytest.param("root", marks=pytest.mark.root), "user"]


@pytest.fixture(params=KINDS, scope="module")
def overlay(request):
    with UnpackedOverlay(request.param) as found:
        if found.lacking:
            pytest.skip(f"left out: needs {found.lacking}")
        yield found


def kept(layer):
    """The layer without what is left out on a disk: devices, files' set-id bits, and attributes but user.…"""
    view, below = UnionView(layer.stack), UnionView(layer.stack[:-1])
    entries = {path: view.lookup(path).entry for path in layer.implied if path != "/"} | dict(layer.entries)
    whiteouts = set(layer.whiteouts)
    for path, entry in list(entries.items()):
        if entry.kind in (Kind.CHARACTER_DEVICE, Kind.BLOCK_DEVICE):
            del entries[path]
            whiteouts |= {path} if below.lookup(path) else set()
            continue
        may_have = entry.kind in (Kind.FILE, Kind.DIRECTORY)
        xattrs = {name: value for name, value in entry.xattrs.items() if may_have and name.startswith("user.")}
        entries[path] = replace(entry, mode=entry.mode & (0o7777 if entry.is_directory else 0o1777), xattrs=xattrs)
    return Layer(entries, frozenset(whiteouts), layer.opaque)


def check(overlay, layers):
    real, wrong = overlay.shown(layers)
    ours = picture(UnionFilesystem([kept(layer) for layer in layers]))
    assert (differences([], ([], real, {}), ([], ours, {}), "user"), wrong) == ([], [])


def test_random_layers_show_what_they_say_and_their_tars_are_whole_again(overlay):
    @settings(SETTINGS, max_examples=100)
    @given(stacks(overlay.kind))
    def holds(layers):
        check(overlay, layers)

    holds()


def test_an_image_s_own_attributes_alter_no_union(overlay):
    """They are called like overlayfs's marks, and are attributes like others in the container."""
    names = ["opaque", "whiteout", "redirect", "metacopy", "origin", "overlay.opaque"]
    xattrs = {f"user.overlay.{name}": b"y" for name in names} | {"trusted.overlay.opaque": b"y"}
    base = Layer.of({"/d/below": "x", "/gone": "x", "/f": "x"})
    top = Layer.of({"/d": replace(directory(), xattrs=xattrs), "/f": replace(file(""), xattrs=xattrs)}, parent=base)
    check(overlay, (base, top))
    real, _wrong = overlay.shown((base, top))
    assert real["/d"].names == ("below",)
    assert {name for name, _value in real["/d"].xattrs} == {f"user.overlay.{name}" for name in names}
    assert real["/f"].seen.size == 0


def test_a_device_0_0_that_is_no_whiteout_deletes_nothing_but_what_it_covers(overlay):
    base = Layer.of({"/covered": "x", "/other": "x"})
    device = FileEntry(Kind.CHARACTER_DEVICE, 0, device=(0, 0))
    top = Layer.of({"/covered": device, "/new": device, "/fine": "x"}, parent=base)
    check(overlay, (base, top))
    real, _wrong = overlay.shown((base, top))
    assert sorted(real) == ["/", "/fine", "/other"]


# In a directory


@pytest.fixture
def place(tmp_path):
    return tmp_path / "diff"


def write(layer, place, ids=OWN):
    if not place.exists():
        place.mkdir()
    with opened(place) as folder:
        return unpack(layer, folder, ids)


def test_whiteouts_are_devices_0_0_and_opaque_directories_have_an_attribute(place):
    base = Layer.of({"/gone": "x", "/d/x": "x"})
    write(Layer.of({"/d": None, "/again": None}, ["/gone", "/again"], ["/d"], parent=base), place)
    found = (place / "gone").lstat()
    assert (stat.S_ISCHR(found.st_mode), found.st_rdev, stat.S_IMODE(found.st_mode)) == (True, 0, 0)
    assert (
        os.getxattr(place / "d", "user.overlay.opaque") == os.getxattr(place / "again", "user.overlay.opaque") == b"y"
    )
    assert [each for each in os.listxattr(place) if each.startswith("user.")] == []


def test_every_attribute_is_written(place):
    layer = Layer.of(
        {
            "/": directory(0o710, mtime_ns=10**18),
            "/d": directory(0o2750, mtime_ns=2 * 10**18 + 1),
            "/d/f": replace(file("content", 0o444, mtime_ns=-5), xattrs={"user.note": b"\0"}),
            "/d/again": replace(file("content"), link_to="/d/f"),
            "/closed": directory(0),
            "/closed/secret": file("", 0),
            "/sticky": directory(0o1777),
            "/link": replace(symlink("/etc/shadow"), mtime_ns=7),
            "/link-again": replace(symlink("/etc/shadow"), link_to="/link"),
            "/fifo": FileEntry(Kind.FIFO, 0o622, mtime_ns=9),
            "/fifo-again": replace(FileEntry(Kind.FIFO), link_to="/fifo"),
            "/late": file("x", mtime_ns=10**40),
            "/early": file("x", mtime_ns=-(10**40)),
        }
    )
    assert write(layer, place) == []
    modes = {name: oct(stat.S_IMODE((place / name).lstat().st_mode)) for name in ("", "d", "d/f", "sticky", "fifo")}
    assert modes == {"": "0o710", "d": "0o2750", "d/f": "0o444", "sticky": "0o1777", "fifo": "0o622"}
    assert stat.S_IMODE((place / "closed").stat().st_mode) == 0
    times = {name: (place / name).lstat().st_mtime_ns for name in ("", "d", "d/f", "link", "fifo")}
    assert times == {"": 10**18, "d": 2 * 10**18 + 1, "d/f": -5, "link": 7, "fifo": 9}
    assert (place / "d/f").samefile(place / "d/again")
    assert os.readlink(place / "link") == "/etc/shadow"
    assert (place / "link").lstat().st_ino == (place / "link-again").lstat().st_ino
    assert (place / "fifo").stat().st_ino == (place / "fifo-again").stat().st_ino
    assert os.getxattr(place / "d/f", "user.note") == b"\0"
    assert (place / "late").stat().st_mtime_ns > 4 * 10**18
    (place / "closed").chmod(0o700)


@pytest.mark.root
def test_root_of_a_container_is_a_subordinate_user_of_this_machine(place):
    owned = {"uid": 33, "gid": 1000}
    base = Layer.of({"/gone": "x"})
    entries = {"/f": file("x", **owned), "/d": directory(**owned), "/l": replace(symlink("x"), **owned)}
    entries |= {"/p": FileEntry(Kind.FIFO, **owned), "/root": "x"}
    assert write(Layer.of(entries, ["/gone"], parent=base), place, SUBORDINATE) == []
    owners = {name: (place / name).lstat() for name in ("", "f", "d", "l", "p", "root", "gone")}
    assert {name: (found.st_uid, found.st_gid) for name, found in owners.items()} == {
        **dict.fromkeys(("", "root", "gone"), (100_000, 100_000)),
        **dict.fromkeys("fdlp", (100_033, 101_000)),
    }


@pytest.mark.root
@pytest.mark.parametrize("foreign", [65_536, 2**31, 2**32 - 1, -1, -100_000])
def test_an_owner_that_is_not_mapped_becomes_nobody_and_that_is_said(place, foreign):
    layer = Layer.of({"/f": file("x", uid=foreign), "/g": file("x", gid=foreign), "/own": "x"})
    assert write(layer, place, SUBORDINATE) == ["owners that have no id on this machine are not kept: /f, /g"]
    assert ((place / "f").stat().st_uid, (place / "g").stat().st_gid) == (165_534, 165_534)


def test_what_only_root_could_have_is_left_out_and_said(place):
    layer = Layer.of(
        {
            **{f"/dev/{name}": NULL for name in "abcde"},
            "/dev/f": replace(NULL, link_to="/dev/a"),
            "/dev/sda": replace(NULL, kind=Kind.BLOCK_DEVICE, device=(8, 0)),
            "/su": file("", 0o4755),
            "/sg": file("", 0o2755),
            "/ping": replace(file(""), xattrs={"security.capability": b"x", "user.kept": b"x"}),
            "/s": replace(symlink("x"), xattrs={"user.note": b"x"}),
            "/t": replace(directory(), xattrs={"trusted.overlay.opaque": b"y", "system.posix_acl_access": b"x"}),
            "/www": file("", uid=33),
        }
    )
    assert sorted(write(layer, place)) == [
        "devices are left out: /dev/a, /dev/b, /dev/c and 4 more",
        "extended attributes that only root could set are left out: /ping, /s, /t",
        "owners that have no id on this machine are not kept: /www",
        "set-id bits are left out: /su, /sg",
    ]
    assert sorted(os.listdir(place)) == ["dev", "ping", "s", "sg", "su", "t", "www"]
    assert os.listdir(place / "dev") == []
    for name in ("su", "sg"):
        assert not (place / name).stat().st_mode & 0o6000
    assert os.listxattr(place / "ping") == ["user.kept"]
    assert [each for each in os.listxattr(place / "t") if each != "security.selinux"] == []
    assert (place / "www").stat().st_uid == os.geteuid()


def test_a_directory_that_is_only_implied_looks_as_below(place):
    base = Layer.of({"/d": directory(0o2711, mtime_ns=5), "/d/x": "x"})
    write(Layer({"/d/new": file("x")}, parent=base), place)
    assert (oct((place / "d").stat().st_mode), (place / "d").stat().st_mtime_ns) == ("0o42711", 5)


def test_the_root_looks_as_the_nearest_layer_has_it(place):
    base = Layer.of({"/": directory(0o711, mtime_ns=5), "/x": "x"})
    write(Layer.of({"/y": "y"}, parent=base), place)
    assert (oct(place.stat().st_mode), place.stat().st_mtime_ns) == ("0o40711", 5)


def test_more_directories_than_are_kept_open_and_deeper_ones_are_written(place):
    deep = "/".join(["d"] * 200)
    entries = {f"/{number}/{inner}/f": f"{number}" for inner in range(3) for number in range(60)}
    entries |= {f"/{deep}/f": "deep", "/0/again": replace(file("deep"), link_to=f"/{deep}/f")}
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(map(int, os.listdir("/proc/self/fd"))) + 40, hard))
    try:
        write(Layer.of(entries), place)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert (place / deep / "f").samefile(place / "0/again")
    assert [(place / f"{number}/2/f").read_text() for number in range(60)] == [str(number) for number in range(60)]


def test_no_descriptor_is_left_open(place):
    before = os.listdir("/proc/self/fd")
    write(Layer.of({f"/{number}/f": "x" for number in range(50)}), place)
    broken = Layer({"/a/f": file("x"), "/b": FileEntry(Kind.FILE, size=5, content=InMemory(b"x"))})
    with pytest.raises(InvalidLayer):
        write(broken, place.with_name("other"))
    assert os.listdir("/proc/self/fd") == before


# What a disk cannot hold


def refused(layer, place, kind=MachineError):
    """Return the sentence with which the layer is refused, and what is left then."""
    with pytest.raises(kind) as caught:
        write(layer, place)
    said = str(caught.value)
    assert "\n" not in said
    return said.replace(str(place), "PLACE")


def test_a_name_that_is_too_long_is_refused(place):
    assert refused(Layer.of({"/" + "n" * 256: "x"}), place) == (
        f"PLACE: '/{'n' * 256}' cannot be written there: File name too long."
    )


@pytest.mark.parametrize(
    ("call", "layer", "path", "reason"),
    [
        ("mknod", Layer.of({}, ["/gone"]), "/gone", "Operation not permitted"),
        ("setxattr", Layer.of({"/d": None}, [], ["/d"]), "/d", "Operation not supported"),
        ("write", Layer.of({"/f": "x"}), "/f", "No space left on device"),
        ("mkdir", Layer.of({"/d/e": "x"}), "/d/e", "Disk quota exceeded"),
        ("link", Layer.of({"/f": file("x"), "/g": replace(file("x"), link_to="/f")}), "/g", "Too many links"),
        ("symlink", Layer.of({"/l": symlink("x")}), "/l", "Read-only file system"),
        ("fchown", Layer.of({"/f": "x"}), "/f", "Invalid argument"),
    ],
)
def test_what_a_disk_refuses_is_told_in_a_sentence(place, monkeypatch, call, layer, path, reason):
    def fails(*_arguments, **_named):
        number = next(number for number in range(1, 134) if os.strerror(number) == reason)
        raise OSError(number, reason)

    place.mkdir()
    monkeypatch.setattr(os, call, fails)
    said = refused(layer, place)
    monkeypatch.undo()
    assert said == f"PLACE: '{path}' cannot be written there: {reason}."


def folded(name):
    return str(name).replace("README", "readme")


@pytest.mark.parametrize("kind", ["file", "directory", "symlink", "implied", "whiteout"])
def test_two_names_that_a_disk_takes_for_one_are_refused(place, monkeypatch, kind):
    """A disk that folds capitals, as ext4 can."""
    other = {"file": file("2"), "directory": directory(), "symlink": symlink("x")}.get(kind, file("2"))
    entries = {"/readme": file("1")} if kind == "whiteout" else {"/readme": file("1"), "/README": other}
    if kind == "implied":
        entries = {"/readme": file("1"), "/README/x": file("2")}
    for call in ("open", "mkdir", "mknod"):
        real = getattr(os, call)
        monkeypatch.setattr(os, call, lambda name, *rest, real=real, **more: real(folded(name), *rest, **more))
    real_symlink = os.symlink
    monkeypatch.setattr(os, "symlink", lambda target, name, **more: real_symlink(target, folded(name), **more))
    place.mkdir()
    said = refused(Layer(entries, frozenset({"/README"} if kind == "whiteout" else ())), place)
    assert said.startswith("PLACE: '/README")
    assert "cannot be told from another name there; choose a folder on a disk that tells capital" in said


@pytest.mark.root
def test_a_full_disk_is_told_in_a_sentence_and_can_be_cleared(tmp_path):
    script = f"""
import os
from course.errors import MachineError
from course.layers.layer import Layer
from course.processes.linux.scanning import remove_tree
from course.processes.linux.syscalls import *
from course.processes.linux.unpacking import IdMap, unpack
unshare(CLONE_NEWNS); mount("none", "/", "", MS_REC | MS_PRIVATE)
mount("t", {str(tmp_path)!r}, "tmpfs", data="size=1m")
os.chdir({str(tmp_path)!r}); os.mkdir("diff")
try:
    unpack(Layer.of({{"/small": "x", "/large": "x" * (2 << 20)}}), os.open("diff", os.O_RDONLY), IdMap(0, 0))
except MachineError as error:
    print(error)
remove_tree(os.open(".", os.O_RDONLY), "diff")
print(os.listdir())
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert done.stdout == f"{tmp_path}/diff: '/large' cannot be written there: No space left on device.\n[]\n"


@pytest.mark.root
def test_an_ordinary_user_unpacks_as_well_and_all_of_it_is_that_user_s(tmp_path):
    script = """
import os, sys
from dataclasses import replace
from course.layers.entry import *
from course.layers.layer import Layer
from course.processes.linux.unpacking import IdMap, unpack
os.setgroups([]); os.setgid(54321); os.setuid(54321)
base = Layer.of({"/gone": "x", "/d/x": "x"})
note = {"user.note": b"x"}
layer = Layer.of({
    "/d": replace(directory(0), xattrs=note), "/f": replace(file("x", 0o444), xattrs=note), "/s": file("", 0o4755),
    "/p": FileEntry(Kind.FIFO), "/n": FileEntry(Kind.CHARACTER_DEVICE, device=(1, 3)), "/l": symlink("x"),
    "/www": file("", uid=33), "/a": file("x", 0), "/b": replace(file("x"), link_to="/a"),
    **{f"/d/{number}": directory(0) for number in range(50)},
}, ["/gone"], ["/d"], parent=base)
print(*sorted(unpack(layer, os.open(".", os.O_RDONLY), IdMap(54321, 54321))), sep="\\n")
print({(found.st_uid, found.st_gid) for found in map(os.lstat, os.listdir())}, len(os.listdir()))
"""
    place = tmp_path / "diff"
    place.mkdir()
    os.chown(place, 54321, 54321)
    for above in (tmp_path, *tmp_path.parents[:2]):
        above.chmod(above.stat().st_mode | 0o711)
    repository = str(Path(unpacking.__file__).parents[3])
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {repository!r})\n{script}"],
        cwd=place,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    assert done.stdout == (
        "devices are left out: /n\nowners that have no id on this machine are not kept: /www\n"
        "set-id bits are left out: /s\n{(54321, 54321)} 9\n"
    )
