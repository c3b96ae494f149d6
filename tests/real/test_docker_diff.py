"""What docker says that a container changed, and what it commits, is what the read-write layer says after the calls.

Each case is written twice: for the shell of a container, and as calls for the simulator.  All of them run in one
container, each in a directory of its own that the image's layers hold.
"""

import dataclasses
import stat

import pytest
from debian_image import docker

from course.layers.entry import FileEntry, Kind, directory, file, symlink
from course.layers.image import Image
from course.layers.layer import Layer
from course.transport.from_host import image_from_host
from course.transport.reading import open_image
from course.transport.writing import save_image
from course.union import flags
from course.union.filesystem import UnionFilesystem

pytestmark = [pytest.mark.root, pytest.mark.linux, pytest.mark.peer("dockerd", "docker", "runc")]

# cap_net_bind_service, effective, as capabilities(7) has it on a disk
CAPABILITY = {"security.capability": bytes.fromhex("0100000200040000") + bytes(12)}
THEN = 1_000_000_000
OLD = {"mtime_ns": THEN * 10**9}
RECENT = 1_700_000_000 * 10**9  # what happened in the container is later
HARD = file("link", **OLD)
LOWEST = {
    "capable": dataclasses.replace(file("p", 0o755, **OLD), xattrs=CAPABILITY),
    "d": directory(),
    "d/e/z": "z",
    "d/x": "x",
    "d/y": "y",
    "dover": "a file",
    "dsym": symlink("d"),
    "emptylow": directory(**OLD),
    "emptymerged": directory(),
    "fifo": FileEntry(Kind.FIFO),
    "file": file("0123456789", **OLD),
    "file2": file("second", **OLD),
    "fover/in": "in",
    "gone": "gone",
    "hl1": HARD,
    "hl2": dataclasses.replace(HARD, link_to="hl1"),
    "low": directory(0o750, **OLD),
    "low/a": "a",
    "low/s/b": "b",
    "null": FileEntry(Kind.CHARACTER_DEVICE, 0o666, device=(1, 3)),
    "op/j": "j",
    "sym": dataclasses.replace(symlink("file"), **OLD),
}
MIDDLE = {"d/w": "w", "d/x": "x1", "dover/n": None, "emptymerged": None, "fover": "f", "op/k": "k"}

CASES = {
    "nothing": ("cat file > /dev/null", []),
    "append to a file": ("printf + >> file", [("append", "file", b"+")]),
    "write a file again": ("printf new > file", [("put", "file", b"new")]),
    "open for appending and write nothing": (": >> file", [("append", "file", b"")]),
    "write through a link": ("printf + >> sym", [("append", "sym", b"+")]),
    "write deep below": ("printf + >> low/s/b", [("append", "low/s/b", b"+")]),
    "make a file": ("printf hi > new; printf hi > low/new", [("put", "new", b"hi"), ("put", "low/new", b"hi")]),
    "make a file and remove it": ("touch low/new; rm low/new", [("touch", "low/new"), ("unlink", "low/new")]),
    "names that sort around a slash": (
        "touch d-a d.a d/a d0",
        [("touch", "d-a"), ("touch", "d.a"), ("touch", "d/a"), ("touch", "d0")],
    ),
    "the same size and the same time": (
        "printf 9876543210 > file; touch -d @1000000000 file",
        [("put", "file", b"9876543210"), ("utime", "file", THEN * 10**9, THEN * 10**9)],
    ),
    "truncate": ("truncate -s 4 file", [("truncate", "file", 4)]),
    "chmod": ("chmod 600 file", [("chmod", "file", 0o600)]),
    "chmod to the same mode": ("chmod 644 file", [("chmod", "file", 0o644)]),
    "chmod there and back": ("chmod 600 file; chmod 644 file", [("chmod", "file", 0o600), ("chmod", "file", 0o644)]),
    "set-id bits": ("chmod 6755 file; chmod 1777 low", [("chmod", "file", 0o6755), ("chmod", "low", 0o1777)]),
    "chmod of a directory": ("chmod 700 low", [("chmod", "low", 0o700)]),
    "chmod of a merged directory": ("chmod 700 d", [("chmod", "d", 0o700)]),
    "chown": ("chown 5:6 file", [("chown", "file", 5, 6)]),
    "chown of a link": ("chown -h 5:6 sym", [("lchown", "sym", 5, 6)]),
    "chgrp of a directory": ("chown :7 low", [("chown", "low", -1, 7)]),
    "chown to the same owner, which takes capabilities away": ("chown 0 capable", [("chown", "capable", 0, -1)]),
    "chmod, which keeps them": ("chmod 755 capable", [("chmod", "capable", 0o755)]),
    "touch": ("touch file", [("touch", "file")]),
    "touch a directory": ("touch low", [("utime", "low")]),
    "touch to another time": ("touch -d @7 file", [("utime", "file", 7 * 10**9, 7 * 10**9)]),
    "remove a file": ("rm file", [("unlink", "file")]),
    "remove a file deep below": ("rm low/s/b", [("unlink", "low/s/b")]),
    "remove what a lower layer deleted": ("rm -f gone", []),
    "make again what a lower layer deleted": ("printf 2 > gone", [("put", "gone", b"2")]),
    "remove a link": ("rm sym dsym", [("unlink", "sym"), ("unlink", "dsym")]),
    "remove a file over a directory": ("rm fover", [("unlink", "fover")]),
    "remove an empty directory": ("rmdir emptylow emptymerged", [("rmdir", "emptylow"), ("rmdir", "emptymerged")]),
    "remove a directory": ("rm -r low", [("rm -r", "low")]),
    "remove a merged directory": ("rm -r d", [("rm -r", "d")]),
    "empty a directory": ("rm -r low/a low/s", [("unlink", "low/a"), ("rm -r", "low/s")]),
    "remove a file and make it as it was": (
        "rm file; printf 0123456789 > file; touch -d @1000000000 file",
        [("unlink", "file"), ("put", "file", b"0123456789"), ("utime", "file", THEN * 10**9, THEN * 10**9)],
    ),
    "make a directory": ("mkdir -p nd/1 nd/2", [("mkdir", "nd"), ("mkdir", "nd/1"), ("mkdir", "nd/2")]),
    "remove a directory and make it again": ("rm -r low; mkdir low", [("rm -r", "low"), ("mkdir", "low")]),
    "remove a directory and make it as it was": (
        "rm -r low; mkdir -m 750 low; printf a > low/a; touch -d @0 low/a",
        [("rm -r", "low"), ("mkdir", "low", 0o750), ("put", "low/a", b"a"), ("utime", "low/a", 0, 0)],
    ),
    "remove an empty directory and make it again": (
        "rmdir emptylow; mkdir emptylow",
        [("rmdir", "emptylow"), ("mkdir", "emptylow")],
    ),
    "remove a merged directory and bring back some": (
        "rm -r d; mkdir d; printf new > d/x; mkdir d/y d/e",
        [("rm -r", "d"), ("mkdir", "d"), ("put", "d/x", b"new"), ("mkdir", "d/y"), ("mkdir", "d/e")],
    ),
    "a file over a directory": ("rm -r low; printf f > low", [("rm -r", "low"), ("put", "low", b"f")]),
    "a directory over a file": (
        "rm file; mkdir file; touch file/in",
        [("unlink", "file"), ("mkdir", "file"), ("touch", "file/in")],
    ),
    "a link over a directory": ("rm -r low; ln -s d low", [("rm -r", "low"), ("symlink", "d", "low")]),
    "another link over a link": ("ln -sfn other sym", [("unlink", "sym"), ("symlink", "other", "sym")]),
    "a link to another place of the same time": (
        "ln -sfn elsewhere sym; touch -hd @1000000000 sym",
        [("unlink", "sym"), ("symlink", "elsewhere", "sym"), ("utime -h", "sym", THEN * 10**9, THEN * 10**9)],
    ),
    "a link to another place of the same length and time": (
        "ln -sfn FILE sym; touch -hd @1000000000 sym",
        [("unlink", "sym"), ("symlink", "FILE", "sym"), ("utime -h", "sym", THEN * 10**9, THEN * 10**9)],
    ),
    "a FIFO over a file": ("rm file; mkfifo file", [("unlink", "file"), ("mknod", "file", stat.S_IFIFO | 0o666)]),
    "another device": (
        "rm null; mknod -m 666 null c 1 5; touch -d @0 null",
        [
            ("unlink", "null"),
            ("mknod", "null", stat.S_IFCHR | 0o666, (1, 5)),
            ("chmod", "null", 0o666),
            ("utime", "null", 0, 0),
        ],
    ),
    "move a file": ("mv file moved", [("rename", "file", "moved")]),
    "move a file into a directory": ("mv file d/", [("rename", "file", "d/file")]),
    "move a file over another": ("mv file file2", [("rename", "file", "file2")]),
    "move a link": ("mv sym sym2", [("rename", "sym", "sym2")]),
    "move a file there and back": ("mv file f; mv f file", [("rename", "file", "f"), ("rename", "f", "file")]),
    "move a new directory": (
        "mkdir nd; touch nd/f; mv nd nd2",
        [("mkdir", "nd"), ("touch", "nd/f"), ("rename", "nd", "nd2")],
    ),
    "move a new directory over an empty one": (
        "mkdir nd; touch nd/f; mv -T nd emptylow",
        [("mkdir", "nd"), ("touch", "nd/f"), ("rename", "nd", "emptylow")],
    ),
    "move a new directory to where one was": (
        "rm -r low; mkdir nd; touch nd/a nd/f; mv nd low",
        [("rm -r", "low"), ("mkdir", "nd"), ("touch", "nd/a"), ("touch", "nd/f"), ("rename", "nd", "low")],
    ),
    "move a directory, which is copying and deleting": (
        "mv emptylow low/",
        [
            ("mkdir", "low/emptylow", 0o755),
            ("utime", "low/emptylow", THEN * 10**9, THEN * 10**9),
            ("rmdir", "emptylow"),
        ],
    ),
    "link a file": ("ln file link; ln file low/link", [("link", "file", "link"), ("link", "file", "low/link")]),
    "make two names of a new file": ("printf 1 > b; ln b a", [("put", "b", b"1"), ("link", "b", "a")]),
    "write one of two names": ("printf + >> hl1", [("append", "hl1", b"+")]),
    "remove one of two names": ("rm hl1", [("unlink", "hl1")]),
    "write both names": ("printf + >> hl1; printf - >> hl2", [("append", "hl1", b"+"), ("append", "hl2", b"-")]),
    "write into an opaque directory": ("touch op/new op/j", [("touch", "op/new"), ("touch", "op/j")]),
    "write into a directory over a file": ("touch dover/new", [("touch", "dover/new")]),
}


class Shell:
    """What the shell's programs do, as calls of a file system."""

    def __init__(self, filesystem):
        self.filesystem = filesystem

    def run(self, call, *arguments):
        own = {
            "put": self.put,
            "append": self.append,
            "touch": self.touch,
            "rm -r": self.remove,
            "utime -h": self.utime,
        }
        (own.get(call) or getattr(self.filesystem, call))(*arguments)

    def put(self, path, data):
        self.filesystem.open_file(path, flags.O_WRONLY | flags.O_CREAT | flags.O_TRUNC, 0o666).write(data)

    def append(self, path, data):
        self.filesystem.open_file(path, flags.O_WRONLY | flags.O_CREAT | flags.O_APPEND, 0o666).write(data)

    def touch(self, path):
        self.filesystem.open_file(path, flags.O_WRONLY | flags.O_CREAT | flags.O_NONBLOCK, 0o666)
        self.filesystem.utime(path)

    def utime(self, path, atime_ns, mtime_ns):
        self.filesystem.utime(path, atime_ns, mtime_ns, follow_symlinks=False)

    def remove(self, path):
        if not stat.S_ISDIR(self.filesystem.lstat(path).st_mode):
            return self.filesystem.unlink(path)
        for name in self.filesystem.listdir(path):
            self.remove(f"{path}/{name}")
        return self.filesystem.rmdir(path)


def home(case):
    """The directory of a case (str)."""
    return f"/case-{list(CASES).index(case)}"


def in_each_home(files):
    return {
        f"{home(case)}/{path}": dataclasses.replace(entry, link_to=f"{home(case)}/{entry.link_to}")
        if isinstance(entry, FileEntry) and entry.link_to
        else entry
        for case in CASES
        for path, entry in files.items()
    }


@pytest.fixture(scope="module")
def image():
    """A shell, core utilities, and two layers of files to change."""
    programs = image_from_host().layers[:3]
    lowest = Layer.of(in_each_home(LOWEST), parent=programs[-1])
    gone, opaque = ([f"{home(case)}/{name}" for case in CASES] for name in ("gone", "op"))
    return Image.of([*programs, lowest, Layer.of(in_each_home(MIDDLE), gone, opaque, lowest)], names=["cases:latest"])


@pytest.fixture(scope="module")
def container(image, tmp_path_factory):
    """What docker says of the container after all scripts: its lines of ``docker diff``, and the layer it commits."""
    folder = tmp_path_factory.mktemp("docker")
    save_image([image], folder / "image.tar")
    script = "\n".join(f"(set -e; cd {home(case)}; {script}) || exit" for case, (script, _calls) in CASES.items())
    with docker(folder) as (command, _data):
        command("load", "-i", folder / "image.tar")
        command("run", "--name", "box", "--network", "none", "cases:latest", "/bin/sh", "-c", script)
        changes = command("diff", "box").splitlines()
        command("commit", "box", "committed")
        command("save", "-o", folder / "committed.tar", "committed")
    committed = open_image(folder / "committed.tar").layers
    assert len(committed) == len(image.layers) + 1
    return changes, committed[-1]


@pytest.fixture(scope="module")
def union(image):
    """The simulator after all calls (UnionFilesystem)."""
    filesystem = UnionFilesystem(image.layers)
    for case, (_script, calls) in CASES.items():
        filesystem.chdir(home(case))
        for call in calls:
            Shell(filesystem).run(*call)
    return filesystem


def of_case(case, paths):
    return sorted(path for path in paths if f"{path}/".startswith(f"{home(case)}/"))


def seen(layer, case):
    """What a layer holds of a case (dict and two lists); times in the container are all the same."""
    entries = {}
    for path in of_case(case, layer.entries):
        entry = layer.entries[path]
        content = b"" if entry.link_to else entry.read()
        entries[path] = dataclasses.replace(entry, mtime_ns=0), content, min(entry.mtime_ns, RECENT)
    return entries, of_case(case, layer.whiteouts), of_case(case, layer.opaque)


@pytest.mark.parametrize("case", CASES)
def test_docker_lists_the_same_changes(container, union, case):
    told = [line for line in container[0] if of_case(case, [line[2:]])]
    assert sorted(str(change) for change in union.changes() if of_case(case, [change.path])) == sorted(told)


@pytest.mark.parametrize("case", CASES)
def test_docker_commits_the_same_layer(container, union, case):
    assert seen(union.freeze(), case) == seen(container[1], case)


def test_nothing_else_changed(container, union):
    ours = {str(change) for change in union.changes()}
    assert ours == set(container[0])
    assert union.freeze().entries.keys() == container[1].entries.keys()
