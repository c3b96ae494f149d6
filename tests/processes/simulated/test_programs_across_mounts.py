"""Programs where several file systems are mounted: what they say is what GNU's say in such a tree."""

import pytest

from course.layers.layer import Layer
from course.layers.small_image import builtin
from course.processes.simulated.space import ProcessSpace, builtin_programs
from course.processes.simulated.streams import Sink
from course.union import flags
from course.union.filesystem import UnionFilesystem

BASE = Layer.of({f"/bin/{name}": builtin(name) for name in builtin_programs()})
BASE = Layer.of({"/d/m": None, "/d/f": "f\n", "/d/hosts": "", "/d/k/x": "x", "/data": None}, parent=BASE)


@pytest.fixture
def shell():
    box, volume = UnionFilesystem(BASE.stack), UnionFilesystem([])
    volume.open_file("/in", flags.O_WRONLY | flags.O_CREAT).write(b"volume\n")
    box.mount("/d/m", volume)
    box.mount("/d/hosts", volume, "/in")
    box.mount("/data", UnionFilesystem([]), source="tmpfs", kind="tmpfs")
    space = ProcessSpace(box)

    def run(line):
        output = Sink()
        process = space.start(["sh", "-c", line], env={"PATH": "/bin"}, streams={1: output, 2: output})
        space.run()
        return process.status, output.data.decode().splitlines()

    return run


def test_find_and_du_stay_on_one_file_system_if_told_to(shell):
    _status, found = shell("find /d -xdev")
    assert sorted(found) == ["/d", "/d/f", "/d/hosts", "/d/k", "/d/k/x", "/d/m"]
    _status, measured = shell("du -ax /d")
    assert [line.split()[1] for line in measured] == ["/d/f", "/d/k/x", "/d/k", "/d"]
    assert "/d/m/in" in shell("find /d")[1]


def test_rm_leaves_what_is_mounted(shell):
    status, said = shell("rm -r --one-file-system /d")
    assert (status, sorted(said)) == (
        1,
        [
            "rm: cannot remove '/d/hosts': Device or resource busy",
            "rm: skipping '/d/m', since it's on a different device",
        ],
    )
    assert shell("find /d")[1] == ["/d", "/d/m", "/d/m/in", "/d/hosts"]


def test_mv_copies_across_mounts_and_deletes(shell):
    assert shell("mv /d/k /data/ && find /d/k /data; cat /data/k/x")[1] == [
        "find: '/d/k': No such file or directory",
        *("/data", "/data/k", "/data/k/x", "x"),
    ]


def test_df_shows_each_file_system_once_and_all_mounts_if_told_to(shell):
    def places(line):
        return [row.split()[0::5] for row in shell(line)[1][1:]]

    assert places("df") == [["overlay", "/"], ["/dev/vda1", "/d/m"], ["tmpfs", "/data"]]
    assert places("df -a")[2] == ["/dev/vda1", "/d/hosts"]
    assert places("df /d/f /d/hosts") == [["overlay", "/"], ["/dev/vda1", "/d/hosts"]]


def test_mount_shows_every_mount(shell):
    assert [line.split()[:5] for line in shell("mount")[1]] == [
        ["overlay", "on", "/", "type", "overlay"],
        ["/dev/vda1", "on", "/d/m", "type", "ext4"],
        ["/dev/vda1", "on", "/d/hosts", "type", "ext4"],
        ["tmpfs", "on", "/data", "type", "tmpfs"],
    ]
