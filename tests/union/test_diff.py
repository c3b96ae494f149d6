"""A, C and D: what ``docker diff`` lists of what was done.  Docker's own answers: tests/real/test_docker_diff.py."""

import dataclasses
import stat

import pytest
from after_calls import after, without_sockets
from hypothesis import given, settings
from kernel.cases import cases

from course.layers import paths
from course.layers.entry import FileEntry, Kind, directory, file, symlink
from course.layers.layer import Layer
from course.union import flags
from course.union.diff import Change
from course.union.filesystem import UnionFilesystem
from course.union.view import UnionView

CAPABILITY = "security.capability"
CAPABLE = dataclasses.replace(file("p", 0o755), xattrs={CAPABILITY: b"\1", "user.note": b"hi"})
BASE = Layer.of(
    {
        "/f": "0123456789",
        "/d/a": "a",
        "/d/s/b": "b",
        "/e": directory(0o700),
        "/link": symlink("f"),
        "/capable": CAPABLE,
        "/gone": "g",
        "/null": FileEntry(Kind.CHARACTER_DEVICE, 0o644, device=(1, 3)),
    }
)
LAYERS = (BASE, Layer.of({"/d/w": "w"}, whiteouts=["/gone"], parent=BASE))


def put(filesystem, path, data=b"", how=flags.O_WRONLY | flags.O_CREAT):
    filesystem.open_file(path, how, 0o644).write(data)


def remove(filesystem, path):
    if not stat.S_ISDIR(filesystem.lstat(path).st_mode):
        filesystem.unlink(path)
        return
    for name in filesystem.listdir(path):
        remove(filesystem, f"{path}/{name}")
    filesystem.rmdir(path)


def listed_after(*calls):
    """What is listed after these calls (list of str)."""
    filesystem = UnionFilesystem(LAYERS)
    for name, *arguments in calls:
        own = {"put": put, "rm -r": remove}.get(name)
        own(filesystem, *arguments) if own else getattr(filesystem, name)(*arguments)
    return [str(change) for change in filesystem.changes()]


@pytest.mark.parametrize(
    ("calls", "listed"),
    [
        pytest.param([], [], id="nothing done, nothing listed"),
        pytest.param([("open", "/f"), ("listdir", "/d")], [], id="reading changes nothing"),
        pytest.param([("put", "/new")], ["A /new"], id="a new file is added, and the root is never listed"),
        pytest.param([("put", "/d/new")], ["C /d", "A /d/new"], id="the directory of a change is changed"),
        pytest.param(
            [("put", "/d/s/new")], ["C /d", "C /d/s", "A /d/s/new"], id="and so are all the directories above"
        ),
        pytest.param([("mkdir", "/n"), ("put", "/n/x")], ["A /n", "A /n/x"], id="what lies in a new directory is new"),
        pytest.param([("put", "/gone")], ["A /gone"], id="what a lower layer deleted is added"),
        pytest.param([("put", "/f", b"X")], ["C /f"], id="a file that was written is changed"),
        pytest.param([("chmod", "/f", 0o600)], ["C /f"], id="other permissions are a change"),
        pytest.param([("chmod", "/f", 0o644)], [], id="the same permissions are none, though the file was copied"),
        pytest.param([("open", "/f", flags.O_RDWR)], [], id="opening for writing is none"),
        pytest.param([("chown", "/f", 5, -1)], ["C /f"], id="another owner is a change"),
        pytest.param([("chown", "/f", -1, 5)], ["C /f"], id="another group is a change"),
        pytest.param([("utime", "/f", 0, 1)], ["C /f"], id="another time of a file is a change"),
        pytest.param([("utime", "/f", 1, 0)], [], id="the time of access is none"),
        pytest.param(
            [("put", "/f", b"9"), ("utime", "/f", 0, 0)], [], id="other content of equal size and time is not"
        ),
        pytest.param([("truncate", "/f", 4), ("utime", "/f", 0, 0)], ["C /f"], id="another size at the same time is"),
        pytest.param([("utime", "/d", 5, 5)], [], id="the time of a directory is none"),
        pytest.param([("chmod", "/d", 0o700)], ["C /d"], id="the permissions of a directory are"),
        pytest.param([("setxattr", "/f", "user.k", b"v")], [], id="an attribute is none"),
        pytest.param([("setxattr", "/f", CAPABILITY, b"\1")], ["C /f"], id="but a capability is"),
        pytest.param([("removexattr", "/capable", CAPABILITY)], ["C /capable"], id="and its loss"),
        pytest.param([("chmod", "/capable", 0o755)], [], id="which a chmod does not bring about"),
        pytest.param([("unlink", "/f")], ["D /f"], id="a file that was removed is deleted"),
        pytest.param([("unlink", "/d/s/b")], ["C /d", "C /d/s", "D /d/s/b"], id="in directories that changed"),
        pytest.param([("rm -r", "/d")], ["D /d"], id="of a directory that was removed only itself"),
        pytest.param(
            [("unlink", "/null"), ("mknod", "/null", stat.S_IFCHR | 0o644, (1, 5)), ("utime", "/null", 0, 0)],
            ["C /null"],
            id="another device is a change",
        ),
        pytest.param([("chmod", "/null", 0o644)], [], id="the same device is none"),
        pytest.param([("put", "/d/x"), ("unlink", "/d/x")], [], id="made and removed, as if nothing had been"),
        pytest.param([("unlink", "/f"), ("put", "/f")], ["C /f"], id="removed and made again is changed"),
        pytest.param(
            [("rm -r", "/d"), ("mkdir", "/d")],
            ["C /d", "D /d/a", "D /d/s", "D /d/w"],
            id="of a directory made again, what does not come back is deleted",
        ),
        pytest.param(
            [("rm -r", "/d"), ("mkdir", "/d"), ("mkdir", "/d/s"), ("put", "/d/w", b"w"), ("utime", "/d/w", 0, 0)],
            ["C /d", "D /d/a", "C /d/s", "D /d/s/b"],
            id="and what comes back as it was is nothing",
        ),
        pytest.param([("rmdir", "/e"), ("mkdir", "/e", 0o700)], [], id="an empty directory made again is nothing"),
        pytest.param([("rm -r", "/d"), ("put", "/d")], ["C /d"], id="a file over a directory is a change"),
        pytest.param(
            [("unlink", "/f"), ("mkdir", "/f"), ("put", "/f/x")], ["C /f", "A /f/x"], id="and a directory over a file"
        ),
        pytest.param([("rename", "/f", "/g")], ["D /f", "A /g"], id="moved is deleted here and added there"),
        pytest.param(
            [("rename", "/f", "/d/a")], ["C /d", "C /d/a", "D /f"], id="moved over another file, which is changed"
        ),
        pytest.param([("rename", "/f", "/g"), ("rename", "/g", "/f")], [], id="moved there and back is nothing"),
        pytest.param([("link", "/f", "/g")], ["A /g"], id="another name is added"),
        pytest.param(
            [("mknod", "/s", stat.S_IFSOCK | 0o755)], ["A /s"], id="a socket is listed, though no layer holds it"
        ),
    ],
)
def test_what_was_done_and_what_is_listed(calls, listed):
    assert listed_after(*calls) == listed


@pytest.mark.parametrize(("target", "is_listed"), [("elsewhere", True), ("g", False), ("f", False)])
def test_of_a_link_of_the_same_time_only_the_length_is_compared(target, is_listed):
    filesystem = UnionFilesystem(LAYERS)
    filesystem.unlink("/link")
    filesystem.symlink(target, "/link")
    filesystem.utime("/link", 0, 0, follow_symlinks=False)
    assert filesystem.changes() == ([Change("C", "/link")] if is_listed else [])


def test_a_change_is_written_as_docker_writes_it():
    assert str(Change("D", "/etc/motd")) == "D /etc/motd"


def test_a_directory_is_followed_by_what_lies_in_it():
    listed = listed_after(("put", "/d-x"), ("put", "/d.x"), ("put", "/d/x"), ("put", "/d0"))
    assert listed == ["C /d", "A /d/x", "A /d-x", "A /d.x", "A /d0"]


def test_listing_changes_nothing():
    filesystem = UnionFilesystem(LAYERS)
    put(filesystem, "/d/s/b", b"X")
    before = filesystem.freeze().diff_id
    assert filesystem.changes() == filesystem.changes()
    assert filesystem.freeze().diff_id == before
    assert len(filesystem.copied) == 3


# Against docker's way, which compares the two trees name by name


def compared(before, after, path):
    """Yield how the directory ``path`` of one view differs from that of the other (moby, archive.ChangesDirs)."""
    old = before.lookup(path)
    was = before.listdir(path) if old and old.entry.is_directory else []
    for name in sorted({*was, *after.listdir(path)}):
        place = paths.join(path, name)
        one, two = before.lookup(place), after.lookup(place)
        if two is None:
            yield Change("D", place)
            continue
        inside = list(compared(before, after, place)) if two.entry.is_directory else []
        if one is None:
            yield Change("A", place)
        elif inside or seen(one.entry) != seen(two.entry):
            yield Change("C", place)
        yield from inside


def seen(entry):
    size, mtime = entry.size or len(entry.target), entry.mtime_ns
    changing = () if entry.kind is Kind.DIRECTORY else (size, mtime)
    return entry.st_mode, entry.uid, entry.gid, entry.device, entry.xattrs.get(CAPABILITY), changing


@settings(deadline=None)
@given(cases("root"))
def test_the_list_is_what_comparing_the_whole_trees_gives(case):
    filesystem = after(case.layers, without_sockets(case.calls))
    trees = UnionView(case.layers), UnionView([*case.layers, filesystem.freeze()])
    assert filesystem.changes() == list(compared(*trees, "/"))
