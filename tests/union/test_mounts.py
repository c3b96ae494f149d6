"""Mounts: volumes, binds of a directory or a file, and read-only ones.  The kernel's word is in the random cases."""

import errno

import pytest

from course.layers.layer import Layer
from course.union import flags
from course.union.filesystem import UnionFilesystem
from course.union.view import UnionView

BASE = Layer.of({"/data": None, "/other": None, "/etc/hosts": "from the image\n", "/d/f": "f"})


@pytest.fixture
def box():
    return UnionFilesystem([BASE])


@pytest.fixture
def volume():
    filesystem = UnionFilesystem([])
    filesystem.mkdir("/sub")
    write(filesystem, "/sub/f", b"in the volume")
    return filesystem


def write(filesystem, path, data):
    filesystem.open_file(path, flags.O_WRONLY | flags.O_CREAT | flags.O_TRUNC, 0o644).write(data)


def read(filesystem, path):
    return filesystem.open_file(path).read(100)


def test_two_containers_see_each_others_writes_in_a_volume_at_once(box, volume):
    other = UnionFilesystem([BASE])
    box.mount("/data", volume)
    assert box.listdir("/data") == ["sub"]
    other.mount("/other", volume, "/sub", read_only=True)
    write(box, "/data/sub/new", b"new")
    assert read(other, "/other/new") == b"new"
    box.unlink("/data/sub/f")
    assert other.listdir("/other") == ["new"]


def test_every_view_of_a_file_system_sees_what_is_mounted_later(box, volume):
    user = box.with_credentials(1000, 1000)
    box.mount("/data", volume)
    assert user.listdir("/data") == ["sub"]


def test_a_file_is_shown_in_the_place_of_a_file(box, volume):
    box.mount("/etc/hosts", volume, "/sub/f")
    assert read(box, "/etc/hosts") == b"in the volume"
    write(box, "/etc/hosts", b"written")
    assert read(volume, "/sub/f") == b"written"


def test_what_is_written_into_a_mount_is_no_change_of_the_container(box, volume):
    box.mkdir("/made")
    box.mount("/made", volume)
    box.mount("/etc/hosts", volume, "/sub/f")
    write(box, "/made/new", b"new")
    write(box, "/etc/hosts", b"new")
    assert [str(change) for change in box.changes()] == ["A /made"]
    assert list(box.freeze().entries) == ["/made"]


def test_the_way_up_leads_out_of_a_mount_and_links_lead_through_it(box, volume):
    box.mount("/data", volume, "/sub")
    box.chdir("/data")
    assert box.getcwd() == "/data"
    assert read(box, "../d/f") == b"f"
    box.symlink("/d/f", "link")
    assert read(box, "link") == b"f"
    box.chdir("..")
    assert box.getcwd() == "/"


def test_each_file_system_has_a_device_number_and_inode_numbers_of_its_own(box, volume):
    box.mount("/data", volume)
    box.mount("/other", volume, "/sub")
    devices = [box.stat(path).st_dev for path in ("/", "/d/f", "/data", "/other/f", "/data/sub/f")]
    assert devices == [1, 1, 2, 2, 2]
    assert box.stat("/other/f").st_ino == box.stat("/data/sub/f").st_ino == volume.stat("/sub/f").st_ino


def test_a_name_cannot_move_out_of_its_mount(box, volume):
    box.mount("/data", volume)
    box.mount("/other", volume)  # not even to the same file system
    for old, new in [("/d/f", "/data/f"), ("/data/sub", "/d/sub"), ("/data/sub/f", "/other/sub/g")]:
        for call in (box.rename, box.link):
            with pytest.raises(OSError, match="Invalid cross-device link"):
                call(old, new)


def test_what_something_is_mounted_on_stays(box, volume):
    box.mount("/data", volume)
    box.mount("/etc/hosts", volume, "/sub/f")
    for call in [
        lambda: box.rmdir("/data"),
        lambda: box.unlink("/etc/hosts"),
        lambda: box.rename("/data", "/data2"),
        lambda: box.rename("/d/f", "/etc/hosts"),
    ]:
        with pytest.raises(OSError, match="Device or resource busy"):
            call()


def test_in_another_container_the_same_directory_is_no_mount_point(box, volume):
    box.mount("/data", volume)
    box.mkdir("/data/point")
    box.mount("/data/point", UnionFilesystem([]))
    volume.rmdir("/point")
    assert box.listdir("/data") == ["sub"]


WRITING = {
    "open": lambda fs, path: fs.open(path, flags.O_WRONLY),
    "open to cut": lambda fs, path: fs.open(path, flags.O_TRUNC),
    "create": lambda fs, path: fs.open(path + "x", flags.O_CREAT),
    "truncate": lambda fs, path: fs.truncate(path, 0),
    "mkdir": lambda fs, path: fs.mkdir(path + "x"),
    "mknod": lambda fs, path: fs.mknod(path + "x", 0o644),
    "symlink": lambda fs, path: fs.symlink("x", path + "x"),
    "link": lambda fs, path: fs.link(path, path + "x"),
    "unlink": lambda fs, path: fs.unlink(path),
    "rmdir": lambda fs, path: fs.rmdir(path),
    "rename": lambda fs, path: fs.rename(path, path + "x"),
    "chmod": lambda fs, path: fs.chmod(path, 0),
    "chown": lambda fs, path: fs.chown(path, 0, 0),
    "lchown": lambda fs, path: fs.lchown(path, 0, 0),
    "fchmod": lambda fs, path: fs.fchmod(fs.open(path), 0),
    "fchown": lambda fs, path: fs.fchown(fs.open(path), 0, 0),
    "futimens": lambda fs, path: fs.open_file(path).utime(),
    "utime": lambda fs, path: fs.utime(path),
    "setxattr": lambda fs, path: fs.setxattr(path, "user.k", b"v"),
    "removexattr": lambda fs, path: fs.removexattr(path, "user.k"),
    "access": lambda fs, path: fs.access(path, flags.W_OK),
}


@pytest.mark.parametrize("call", WRITING.values(), ids=WRITING)
def test_nothing_is_written_through_a_read_only_mount(box, volume, call):
    box.mount("/data", volume, read_only=True)
    with pytest.raises(OSError, match="Read-only file system") as caught:
        call(box, "/data/sub/f")
    assert caught.value.errno == errno.EROFS
    assert read(box, "/data/sub/f") == b"in the volume"


@pytest.mark.parametrize("call", WRITING.values(), ids=WRITING)
def test_under_a_read_only_root_volumes_can_be_written(box, volume, call):
    box.mount("/data", volume)
    box.remount("/", read_only=True)
    with pytest.raises(OSError, match="Read-only file system"):
        call(box, "/d/f")
    assert (box.changes(), box.copied) == ([], ())
    write(box, "/data/new", b"new")
    box.remount("/", read_only=False)
    write(box, "/new", b"new")


def test_a_bind_of_a_read_only_mount_is_read_only_too(box, volume):
    box.mount("/data", volume, read_only=True)
    box.mount("/other", box, "/data/sub")
    with pytest.raises(OSError, match="Read-only file system"):
        box.unlink("/other/f")


def test_what_is_mounted_last_is_on_top(box, volume):
    box.chdir("/data")
    box.mount(".", volume)
    box.mount(".", UnionFilesystem([BASE]))
    assert box.listdir(".") == []
    assert "other" in box.listdir("/data")
    assert [mount.path for mount in box.mounts] == ["/", "/data", "/data"]


@pytest.mark.parametrize(
    ("path", "inside", "number"),
    [
        ("/none", "/", errno.ENOENT),
        ("/data", "/none", errno.ENOENT),
        ("/data", "/sub/f", errno.ENOTDIR),
        ("/etc/hosts", "/sub", errno.ENOTDIR),
    ],
)
def test_what_cannot_be_mounted_is_refused_as_by_linux(box, volume, path, inside, number):
    with pytest.raises(OSError, match=r".") as caught:
        box.mount(path, volume, inside)
    assert caught.value.errno == number
    assert len(list(box.mounts)) == 1


def test_only_root_mounts(box, volume):
    user = box.with_credentials(1000, 1000)
    for call in (lambda: user.mount("/data", volume), lambda: user.remount("/", read_only=True)):
        with pytest.raises(PermissionError):
            call()
    with pytest.raises(OSError, match="Invalid argument"):
        box.remount("/data", read_only=True)


def test_what_was_deleted_is_no_mount_point(box, volume):
    box.mkdir("/new")
    box.chdir("/new")
    box.rmdir("/new")
    with pytest.raises(FileNotFoundError):
        box.mount(".", volume)


def test_the_room_is_that_of_the_file_system_that_the_path_leads_to(box, volume):
    box.mount("/data", volume)
    before = box.statfs("/").f_bfree, box.statfs("/data").f_bfree
    write(box, "/data/new", b"x" * 9000)
    assert (box.statfs("/").f_bfree, box.statfs("/data/sub").f_bfree) == (before[0], before[1] - 3)


def test_a_plain_file_system_counts_its_directories_and_moves_them(volume):
    assert volume.stat("/").st_nlink == 3
    volume.rename("/sub", "/moved")
    assert volume.listdir("/moved") == ["f"]


def test_many_file_systems_share_one_view_of_their_layers():
    view = UnionView([BASE])
    one, other = UnionFilesystem(view), UnionFilesystem(view)
    one.unlink("/d/f")
    assert other.listdir("/d") == ["f"]
    assert one.layers == other.layers == (BASE,)
