"""A union as its callers meet it: what it refuses, what it leaves after that, and what each caller has of its own."""

import errno
import stat

import pytest

from course.errors import InvalidLayer
from course.layers.entry import FileEntry, Kind, directory, file, symlink
from course.layers.layer import Layer
from course.layers.small_image import small_image
from course.union import flags
from course.union.file_data import PAGE
from course.union.filesystem import DISK, UnionFilesystem
from course.union.read_write_layer import ReadWriteLayer

LOWEST = Layer.of(
    {
        "/file": FileEntry(Kind.FILE, size=10, content=file("0123456789").content, xattrs={"user.note": b"hi"}),
        "/hl1": "link",
        "/hl2": FileEntry(Kind.FILE, size=4, link_to="/hl1", content=file("link").content),
        "/d/y": "y",
        "/d/x": "x",
        "/low/a": "a",
        "/low/s/b": "bb",
        "/empty": None,
        "/sym": symlink("file"),
        "/loop": symlink("loop"),
        "/fifo": FileEntry(Kind.FIFO),
        "/own": directory(0o755, uid=1000, gid=1000),
        "/own/f": file("f", uid=1000, gid=1000),
    }
)
MIDDLE = Layer.of({"/d/w": "w", "/d/x": "x1"}, parent=LOWEST)


@pytest.fixture
def fs():
    return UnionFilesystem([LOWEST, MIDDLE])


def failure_of(call, *arguments):
    with pytest.raises(OSError) as caught:
        call(*arguments)
    return caught.value.errno


def written(filesystem):
    """Everything in the read-write layer (list), and what was copied."""
    layer = filesystem.freeze()
    entries = [(path, entry, entry.read()) for path, entry in layer.entries.items()]
    return entries, layer.whiteouts, layer.opaque, filesystem.copied


# What it stands on


@pytest.mark.parametrize("count", [0, 1, 500])
def test_up_to_500_layers_can_be_mounted(count):
    layers = []
    for number in range(count):
        layers.append(Layer.of({f"/{number}": str(number), "/top": str(number)}, parent=layers[-1] if layers else None))
    filesystem = UnionFilesystem(layers)
    assert sorted(filesystem.listdir("/")) == sorted([*map(str, range(count)), *["top"] * bool(count)])
    if count:
        assert filesystem.open_file("/top").read(9) == b"%d" % (count - 1)


def test_501_layers_cannot():
    assert failure_of(UnionFilesystem, [LOWEST] * 501) == errno.EINVAL


@pytest.mark.parametrize("layer", [ReadWriteLayer(), UnionFilesystem([]), {"/f": "x"}, None])
def test_a_layer_that_is_not_frozen_is_refused_by_its_type(layer):
    with pytest.raises(TypeError, match=f"must be a Layer, not {type(layer).__name__}"):
        UnionFilesystem([LOWEST, layer])


def test_what_was_written_can_be_mounted_again(fs):
    fs.unlink("/file")
    fs.mkdir("/new")
    again = UnionFilesystem([LOWEST, MIDDLE], fs.read_write_layer)
    assert "file" not in again.listdir("/")
    again.rmdir("/new")
    assert again.freeze().whiteouts == {"/file"}


# Paths and names that no call takes

PATH = object()
ON_PATHS = [
    ("open", PATH),
    ("open", PATH, flags.O_RDWR | flags.O_CREAT),
    ("open_file", PATH),
    ("truncate", PATH, 0),
    ("mkdir", PATH),
    ("rmdir", PATH),
    ("unlink", PATH),
    ("mknod", PATH, stat.S_IFREG),
    ("symlink", "file", PATH),
    ("link", PATH, "/new"),
    ("link", "/file", PATH),
    ("rename", PATH, "/new"),
    ("rename", "/file", PATH),
    ("rename", "/file", PATH, flags.RENAME_NOREPLACE),
    ("readlink", PATH),
    ("stat", PATH),
    ("lstat", PATH),
    ("listdir", PATH),
    ("chmod", PATH, 0o600),
    ("chown", PATH, 0, 0),
    ("lchown", PATH, 0, 0),
    ("utime", PATH),
    ("getxattr", PATH, "user.note"),
    ("setxattr", PATH, "user.note", b""),
    ("listxattr", PATH),
    ("removexattr", PATH, "user.note"),
    ("statfs", PATH),
    ("access", PATH, 0),
    ("chdir", PATH),
]
WRONG_PATHS = {
    "5,000 bytes": ("d/" * 2500, errno.ENAMETOOLONG),
    "4,096 bytes": ("/" + "d/" * 2047 + "x", errno.ENAMETOOLONG),
    "a name of 256": ("/" + "n" * 256, errno.ENAMETOOLONG),
    "a name of 256 bytes in 128 letters": ("/" + "é" * 128, errno.ENAMETOOLONG),
    "nothing": ("", errno.ENOENT),
    "no directory on the way": ("/file/x", errno.ENOTDIR),
    "nothing on the way": ("/none/x", errno.ENOENT),
    "a loop on the way": ("/loop/x", errno.ELOOP),
}


def call_with(filesystem, call, path):
    name, *arguments = call
    return getattr(filesystem, name)(*(path if argument is PATH else argument for argument in arguments))


@pytest.mark.parametrize("wrong", WRONG_PATHS)
@pytest.mark.parametrize("call", ON_PATHS, ids=lambda call: call[0])
def test_a_wrong_path_is_refused_by_every_call_and_leaves_nothing(fs, call, wrong):
    path, number = WRONG_PATHS[wrong]
    before = written(fs)
    assert failure_of(call_with, fs, call, path) == number
    assert written(fs) == before


@pytest.mark.parametrize("call", ON_PATHS, ids=lambda call: call[0])
def test_a_nul_in_a_path_never_reaches_the_kernel(fs, call):
    before = written(fs)
    with pytest.raises(ValueError, match="embedded null byte"):
        call_with(fs, call, "/d/a\0b")
    assert written(fs) == before


def test_a_name_of_255_bytes_and_a_path_of_4095_are_good(fs):
    fs.mkdir("/" + "n" * 255)
    fs.mkdir("/" + "é" * 127)
    assert fs.stat("./" * 2045 + "file").st_size == 10
    assert fs.lstat("/" * 4091 + "file").st_size == 10


@pytest.mark.parametrize(("target", "number"), [("", errno.ENOENT), ("t" * 4096, errno.ENAMETOOLONG)])
def test_a_link_leads_to_a_path(fs, target, number):
    assert failure_of(fs.symlink, target, "/new") == number
    fs.symlink("t" * 4095, "/new")
    assert fs.lstat("/new").st_size == 4095


def test_an_error_names_the_path_and_says_what_linux_says(fs):
    with pytest.raises(FileNotFoundError, match="No such file or directory: '/none'"):
        fs.stat("/none")
    with pytest.raises(FileExistsError) as caught:
        fs.link("/file", "/hl1")
    assert caught.value.strerror == "File exists"


# Descriptors


@pytest.mark.parametrize(
    "call",
    [
        ("close",),
        ("read", 1),
        ("write", b"x"),
        ("pread", 1, 0),
        ("pwrite", b"x", 0),
        ("lseek", 0),
        ("ftruncate", 0),
        ("fstat",),
        ("fchmod", 0o600),
        ("fchown", 0, 0),
    ],
    ids=lambda call: call[0],
)
@pytest.mark.parametrize("fd", ["closed", -1, 0, 10**9])
def test_a_closed_descriptor_is_good_for_nothing(fs, call, fd):
    if fd == "closed":
        fd = fs.open("/file", flags.O_RDWR)
        fs.close(fd)
    name, *arguments = call
    before = written(fs)
    assert failure_of(getattr(fs, name), fd, *arguments) == errno.EBADF
    assert written(fs) == before


def test_a_descriptor_is_the_lowest_free_number(fs):
    assert [fs.open("/file") for _number in range(4)] == [3, 4, 5, 6]
    fs.close(4)
    assert [fs.open("/file"), fs.open("/file")] == [4, 7]


@pytest.mark.parametrize(
    ("path", "how"),
    [("/new", flags.O_WRONLY | flags.O_CREAT), ("/file", flags.O_WRONLY), ("/d/y", flags.O_RDONLY | flags.O_TRUNC)],
)
def test_when_descriptors_run_out_an_open_leaves_nothing(fs, path, how):
    opened = [fs.open("/file") for _number in range(3, 1024)]
    assert opened[-1] == 1023
    before = written(fs)
    assert failure_of(fs.open, path, how) == errno.EMFILE
    assert failure_of(fs.open, "/none") == errno.EMFILE
    assert written(fs) == before
    assert failure_of(fs.stat, "/new") == errno.ENOENT
    fs.close(500)
    assert fs.open(path, how) == 500


@pytest.mark.parametrize(
    ("call", "number"),
    [
        (("pread", 1, -1), errno.EINVAL),
        (("pwrite", b"x", -1), errno.EINVAL),
        (("lseek", -1), errno.EINVAL),
        (("lseek", -11, flags.SEEK_END), errno.EINVAL),
        (("lseek", -1, flags.SEEK_CUR), errno.EINVAL),
        (("lseek", -1, flags.SEEK_DATA), errno.ENXIO),
        (("lseek", 10, flags.SEEK_HOLE), errno.ENXIO),
        (("lseek", 0, 9), errno.EINVAL),
        (("ftruncate", -1), errno.EINVAL),
    ],
)
def test_a_negative_offset_is_refused(fs, call, number):
    fd = fs.open("/file", flags.O_RDWR)
    before, (name, *arguments) = written(fs), call
    assert failure_of(getattr(fs, name), fd, *arguments) == number
    assert written(fs) == before
    assert fs.lseek(fd, 0, flags.SEEK_CUR) == 0
    assert failure_of(fs.truncate, "/file", -1) == errno.EINVAL


def test_a_file_is_written_up_to_the_last_offset_there_is(fs):
    fd = fs.open("/new", flags.O_RDWR | flags.O_CREAT)
    assert fs.pwrite(fd, b"x", (1 << 63) - 2) == 1
    assert fs.fstat(fd).st_size == (1 << 63) - 1
    assert failure_of(fs.pwrite, fd, b"x", (1 << 63) - 1) == errno.EINVAL
    assert fs.fstat(fd).st_blocks == 8


# What a failed call leaves


@pytest.mark.parametrize(
    ("call", "number"),
    [
        (("open", "/none", flags.O_WRONLY), errno.ENOENT),
        (("open", "/file", flags.O_WRONLY | flags.O_CREAT | flags.O_EXCL), errno.EEXIST),
        (("open", "/d", flags.O_WRONLY), errno.EISDIR),
        (("open", "/file", flags.O_RDWR | flags.O_DIRECTORY), errno.ENOTDIR),
        (("open", "/sym", flags.O_RDWR | flags.O_NOFOLLOW), errno.ELOOP),
        (("open", "/fifo", flags.O_WRONLY | flags.O_NONBLOCK), errno.ENXIO),
        (("truncate", "/d", 0), errno.EISDIR),
        (("mkdir", "/d"), errno.EEXIST),
        (("rmdir", "/d"), errno.ENOTEMPTY),
        (("rmdir", "/file"), errno.ENOTDIR),
        (("unlink", "/d"), errno.EISDIR),
        (("symlink", "x", "/file"), errno.EEXIST),
        (("mknod", "/new", stat.S_IFCHR, (0, 0)), errno.EPERM),
        (("link", "/d", "/new"), errno.EPERM),
        (("link", "/file", "/hl1"), errno.EEXIST),
        (("rename", "/d", "/new"), errno.EXDEV),
        (("rename", "/file", "/d"), errno.EISDIR),
        (("rename", "/empty", "/file"), errno.ENOTDIR),
        (("rename", "/empty", "/d"), errno.EXDEV),
        (("rename", "/low", "/low/s/x"), errno.EINVAL),
        (("rename", "/file", "/hl1", flags.RENAME_NOREPLACE), errno.EEXIST),
        (("rename", "/file", "/none", flags.RENAME_EXCHANGE), errno.ENOENT),
        (("rename", "/file", "/d", flags.RENAME_EXCHANGE), errno.EXDEV),
        (("rename", "/file", "/new", flags.RENAME_WHITEOUT), errno.EINVAL),
        (("rename", "/file", "/new", 8), errno.EINVAL),
        (("readlink", "/file"), errno.EINVAL),
        (("listdir", "/file"), errno.ENOTDIR),
        (("chdir", "/file"), errno.ENOTDIR),
        (("getxattr", "/file", "user.none"), errno.ENODATA),
        (("removexattr", "/file", "user.none"), errno.ENODATA),
        (("setxattr", "/file", "user.k", b"v" * 65537), errno.E2BIG),
        (("setxattr", "/file", "user.k", b"", 4), errno.EINVAL),
        (("setxattr", "/file", "user." + "n" * 251, b""), errno.ERANGE),
    ],
)
def test_a_failed_call_leaves_nothing(fs, call, number):
    before, (name, *arguments) = written(fs), call
    assert failure_of(getattr(fs, name), *arguments) == number
    assert written(fs) == before


@pytest.mark.parametrize(
    ("call", "number"),
    [
        (("setxattr", "/file", "nonsense.k", b""), errno.EOPNOTSUPP),
        (("setxattr", "/file", "user.note", b"", flags.XATTR_CREATE), errno.EEXIST),
        (("setxattr", "/file", "user.k", b"", flags.XATTR_REPLACE), errno.ENODATA),
    ],
)
def test_but_some_leave_a_copy(fs, call, number):
    name, *arguments = call
    assert failure_of(getattr(fs, name), *arguments) == number
    assert written(fs)[0] == [("/file", LOWEST.entries["/file"], b"0123456789")]


def test_a_file_that_may_not_be_written_is_not_copied(fs):
    other = fs.with_credentials(1000, 1000)
    for call in [
        ("open", "/file", flags.O_WRONLY),
        ("open", "/file", flags.O_RDONLY | flags.O_TRUNC),
        ("open", "/new", flags.O_WRONLY | flags.O_CREAT),
        ("truncate", "/file", 0),
        ("unlink", "/file"),
        ("rename", "/file", "/own/file"),
        ("mkdir", "/new"),
        ("setxattr", "/file", "user.k", b""),
    ]:
        assert failure_of(getattr(other, call[0]), *call[1:]) == errno.EACCES
    for call in [("chmod", "/file", 0o777), ("chown", "/own/f", 0, 0), ("utime", "/file", 0, 0)]:
        assert failure_of(getattr(other, call[0]), *call[1:]) == errno.EPERM
    assert written(fs)[0] == []


# What is copied

READ_ONLY = flags.O_RDONLY
TOUCHING = [
    (("open", "/file", flags.O_WRONLY), {"/file": 10}),
    (("open", "/file", flags.O_RDWR), {"/file": 10}),
    (("open", "/file", flags.O_RDWR | flags.O_CREAT), {"/file": 10}),
    (("open", "/file", flags.O_WRONLY | flags.O_TRUNC), {"/file": 0}),
    (("open", "/file", flags.O_RDONLY | flags.O_TRUNC), {"/file": 0}),
    (("open", "/sym", flags.O_WRONLY | flags.O_APPEND), {"/file": 10}),
    (("open", "/low/s/b", flags.O_WRONLY), {"/low": 0, "/low/s": 0, "/low/s/b": 2}),
    (("chmod", "/file", 0o600), {"/file": 10}),
    (("chmod", "/file", 0o644), {"/file": 10}),
    (("chown", "/file", 5, 5), {"/file": 10}),
    (("chown", "/file", -1, -1), {"/file": 10}),
    (("lchown", "/sym", 5, 5), {"/sym": 0}),
    (("utime", "/file"), {"/file": 10}),
    (("utime", "/file", None, 5), {"/file": 10}),
    (("setxattr", "/file", "user.k", b"v"), {"/file": 10}),
    (("removexattr", "/file", "user.note"), {"/file": 10}),
    (("truncate", "/file", 4), {"/file": 10}),
    (("truncate", "/file", 0), {"/file": 10}),
    (("link", "/file", "/new"), {"/file": 10}),
    (("link", "/file", "/low/new"), {"/low": 0, "/file": 10}),
    (("rename", "/file", "/new"), {"/file": 10}),
    (("rename", "/file", "/low/s/b"), {"/file": 10, "/low": 0, "/low/s": 0}),
    (("rename", "/file", "/hl1", flags.RENAME_EXCHANGE), {"/file": 10, "/hl1": 4}),
    (("chmod", "/d", 0o700), {"/d": 0}),
    (("unlink", "/low/s/b"), {"/low": 0, "/low/s": 0}),
    (("mkdir", "/low/new"), {"/low": 0}),
    (("symlink", "x", "/d/new"), {"/d": 0}),
    (("open", "/hl1", flags.O_WRONLY), {"/hl1": 4}),
    (("unlink", "/file"), {}),
    (("mkdir", "/new"), {}),
    (("rmdir", "/empty"), {}),
    (("chmod", "/", 0o700), {}),
    (("open", "/file", READ_ONLY), {}),
    (("open", "/file", flags.O_RDONLY | flags.O_CREAT), {}),
    (("open", "/fifo", flags.O_RDWR), {}),
    (("open", "/d", flags.O_RDONLY | flags.O_DIRECTORY), {}),
    (("stat", "/file"), {}),
    (("readlink", "/sym"), {}),
    (("listdir", "/d"), {}),
    (("access", "/file", flags.W_OK), {}),
    (("getxattr", "/file", "user.note"), {}),
    (("listxattr", "/file"), {}),
    (("statfs", "/file"), {}),
    (("chdir", "/low"), {}),
]


@pytest.mark.parametrize(("call", "copied"), TOUCHING, ids=lambda value: " ".join(map(str, value)))
def test_each_call_copies_so_many_bytes(fs, call, copied):
    name, *arguments = call
    getattr(fs, name)(*arguments)
    assert {one.path: one.bytes for one in fs.copied} == copied
    assert len(fs.copied) == len(copied)


def test_a_file_is_copied_once(fs):
    for _number in range(3):
        fs.pwrite(fs.open("/low/a", flags.O_WRONLY), b"x", 5000)
    fs.chmod("/low/a", 0o600)
    assert [(one.path, one.bytes) for one in fs.copied] == [("/low", 0), ("/low/a", 1)]


def test_a_descriptor_opened_before_the_copy_sees_what_is_written_later(fs):
    fd = fs.open("/file")
    assert fs.read(fd, 3) == b"012"
    fs.write(fs.open("/sym", flags.O_WRONLY), b"ABCDEF")
    assert fs.read(fd, 3) == b"DEF"
    fs.fchmod(fd, 0o600)
    assert fs.stat("/file").st_mode == stat.S_IFREG | 0o600


def test_a_copy_keeps_all_but_the_time_of_change():
    now = [5]
    filesystem = UnionFilesystem([LOWEST], clock=lambda: now[0])
    before = filesystem.stat("/file")
    now[0] = 7
    filesystem.open("/file", flags.O_RDWR)
    assert filesystem.stat("/file")._replace(st_ctime_ns=0) == before._replace(st_ctime_ns=0)
    assert filesystem.getxattr("/file", "user.note") == b"hi"


# Listing


def test_names_come_from_the_lowest_layer_then_from_the_upper_then_from_those_between(fs):
    fs.open("/d/u1", flags.O_WRONLY | flags.O_CREAT)
    fs.open("/d/u2", flags.O_WRONLY | flags.O_CREAT)
    assert fs.listdir("/d") == ["y", "x", "u1", "u2", "w"]
    fs.unlink("/d/x")
    assert fs.listdir("/d") == ["y", "u1", "u2", "w"]
    fs.open("/d/x", flags.O_WRONLY | flags.O_CREAT)
    assert fs.listdir("/d")[:2] == ["y", "x"]


# Callers


def test_a_child_begins_where_its_parent_is_and_goes_its_own_way(fs):
    fs.chdir("/low")
    fs.umask(0o077)
    fd = fs.open("a")
    child = fs.fork()
    assert (child.getcwd(), child.umask(0o007), child.uid, child.gid) == ("/low", 0o077, 0, 0)
    child.chdir("s")
    assert failure_of(child.read, fd, 1) == errno.EBADF
    assert child.open("b") == 3
    child.close(3)
    assert (fs.getcwd(), fs.umask(0o022), fs.read(fd, 1)) == ("/low", 0o077, b"a")
    child.unlink("b")
    assert fs.listdir("s") == []
    assert fs.copied == child.copied


def test_other_credentials_are_those_of_another_caller_only(fs):
    other = fs.with_credentials(1000, 1000, [5])
    assert (other.uid, other.gid, set(other.groups), other.is_privileged) == (1000, 1000, {5}, False)
    assert (fs.uid, fs.gid, set(fs.groups), fs.is_privileged) == (0, 0, set(), True)
    assert other.fork().groups == other.groups
    other.mkdir("/own/new")
    made = fs.stat("/own/new")
    assert (made.st_uid, made.st_gid) == (1000, 1000)
    fs.chmod("/own", 0o700)
    assert failure_of(fs.with_credentials(1001, 1001).listdir, "/own") == errno.EACCES


@pytest.mark.parametrize(("mask", "expected"), [(0o022, 0o755), (0, 0o777), (0o077, 0o700), (0o777, 0)])
def test_the_umask_takes_permissions_from_what_is_made_and_from_nothing_else(fs, mask, expected):
    assert fs.umask(mask) == 0o022
    fs.mkdir("/made")
    fs.open("/opened", flags.O_WRONLY | flags.O_CREAT, 0o777)
    fs.mknod("/node", stat.S_IFIFO | 0o777)
    fs.symlink("x", "/link")
    assert {stat.S_IMODE(fs.lstat(path).st_mode) for path in ("/made", "/opened", "/node")} == {expected}
    assert stat.S_IMODE(fs.lstat("/link").st_mode) == 0o777
    fs.chmod("/made", 0o777)
    assert stat.S_IMODE(fs.stat("/made").st_mode) == 0o777
    assert fs.umask(0o7777) == mask
    assert fs.umask(0) == 0o777


def test_a_working_directory_that_was_removed_is_nowhere(fs):
    fs.mkdir("/new")
    fs.mkdir("/new/sub")
    fs.chdir("/new/sub")
    fs.rmdir("/new/sub")
    assert failure_of(fs.getcwd) == errno.ENOENT
    assert fs.listdir(".") == []
    assert failure_of(fs.open, "x", flags.O_WRONLY | flags.O_CREAT) == errno.ENOENT
    assert failure_of(fs.mkdir, "x") == errno.ENOENT
    fs.mkdir("/new/sub")
    assert failure_of(fs.getcwd) == errno.ENOENT
    fs.chdir("..")
    assert fs.getcwd() == "/new"


def test_a_working_directory_that_moves_is_followed(fs):
    fs.mkdir("/new")
    fs.mkdir("/new/sub")
    fs.chdir("/new/sub")
    fs.rename("/new", "/low/moved")
    assert fs.getcwd() == "/low/moved/sub"
    assert fs.stat("../..").st_ino == fs.stat("/low").st_ino


def test_the_parent_of_the_root_is_the_root(fs):
    fs.chdir("/low/../../..")
    assert fs.getcwd() == "/"
    assert fs.stat("..").st_ino == fs.stat("/").st_ino


# Room and time


def test_the_room_on_the_disk_shrinks_by_what_was_written(fs):
    before = fs.statfs()
    assert (before.f_bsize * before.f_blocks, before.f_bfree, before.f_namemax) == (DISK, before.f_blocks, 255)
    fd = fs.open("/new", flags.O_RDWR | flags.O_CREAT)
    fs.write(fd, b"x" * (3 * PAGE))
    fs.pwrite(fd, b"x", 1 << 40)
    fs.link("/new", "/other")
    assert before.f_bfree - fs.statfs("/low").f_bfree == 4
    fs.unlink("/new")
    fs.unlink("/other")
    assert fs.statfs().f_bfree == before.f_bfree


def test_the_clock_can_be_set():
    now = [100]
    filesystem = UnionFilesystem([LOWEST], clock=lambda: now[0])
    assert filesystem.stat("/").st_mtime_ns == 100
    now[0] = 200
    filesystem.mkdir("/new")
    made = filesystem.stat("/new")
    assert (made.st_atime_ns, made.st_mtime_ns, made.st_ctime_ns) == (200, 200, 200)
    assert filesystem.stat("/").st_mtime_ns == 200
    now[0] = 50
    fd = filesystem.open("/file", flags.O_RDWR)
    assert filesystem.fstat(fd).st_mtime_ns == 0
    filesystem.write(fd, b"x")
    assert (filesystem.fstat(fd).st_mtime_ns, filesystem.fstat(fd).st_atime_ns) == (50, 0)
    now[0] = 300
    filesystem.chmod("/file", 0o600)
    assert (filesystem.fstat(fd).st_mtime_ns, filesystem.fstat(fd).st_ctime_ns) == (50, 300)
    filesystem.utime("/file")
    assert (filesystem.fstat(fd).st_mtime_ns, filesystem.fstat(fd).st_atime_ns) == (300, 300)


# What only a program can get wrong


def test_a_tree_may_be_as_deep_as_a_path_can_say(fs):
    depth = 1_900
    for _level in range(depth):
        fs.mkdir("n")
        fs.chdir("n")
    assert fs.getcwd() == "/n" * depth
    assert len(fs.changes()) == depth
    assert len(fs.freeze().entries) == depth
    assert fs.statfs().f_bfree > 0


def test_what_lies_deep_in_a_layer_is_copied_up_with_all_that_is_on_the_way():
    path = "/d" * 1_900
    filesystem = UnionFilesystem([Layer.of({f"{path}/f": "x"})])
    filesystem.chmod(f"{path}/f", 0o600)
    assert len(filesystem.copied) == 1_901


@pytest.mark.parametrize("data", ["text", 5, None])
def test_what_is_no_bytes_is_refused_before_anything_changes(fs, data):
    fd = fs.open("/file", flags.O_RDWR)
    before = fs.fstat(fd)
    with pytest.raises(TypeError):
        fs.write(fd, data)
    with pytest.raises(TypeError):
        fs.setxattr("/file", "user.k", data)
    assert fs.fstat(fd) == before
    assert fs.pread(fd, 20, 0) == b"0123456789"


def test_what_was_written_is_nobody_elses_afterwards(fs):
    fd, buffer = fs.open("/file", flags.O_RDWR), bytearray(b"z" * PAGE)
    fs.write(fd, memoryview(buffer))
    fs.setxattr("/file", "user.k", buffer)
    buffer[:] = b"y" * PAGE
    assert fs.pread(fd, PAGE, 0) == fs.getxattr("/file", "user.k") == b"z" * PAGE


@pytest.mark.parametrize("path", [b"/file", None, 5])
def test_a_path_that_is_no_text_is_named_as_that(fs, path):
    with pytest.raises(TypeError, match="a path must be a str"):
        fs.stat(path)


def test_numbers_out_of_range_change_nothing(fs):
    with pytest.raises(OverflowError):
        fs.chown("/file", 1 << 40, 0)
    with pytest.raises(TypeError):
        fs.chmod("/file", "755")
    with pytest.raises(TypeError):
        fs.utime("/file", 1.5, None)
    assert failure_of(fs.truncate, "/file", 1 << 70) == errno.EFBIG
    assert failure_of(fs.read, fs.open("/file"), -1) == errno.EINVAL
    assert fs.copied == ()
    fs.chown("/file", -2, -1)
    assert (fs.stat("/file").st_uid, fs.stat("/file").st_gid) == (4294967294, 0)  # as the kernel takes -2


@pytest.mark.parametrize("what", [LOWEST, small_image(), None])
def test_what_is_no_sequence_of_layers_is_told_what_would_be(what):
    with pytest.raises(TypeError, match=r"such as image.layers, layer.stack or \[layer\], not"):
        UnionFilesystem(what)


def test_layers_that_do_not_stand_on_one_another_cannot_be_stood_on():
    with pytest.raises(InvalidLayer, match="give each its parent"):
        UnionFilesystem([LOWEST, Layer.of({"/x": ""})]).freeze()


def test_a_link_to_nowhere_at_all_leads_nowhere():
    filesystem = UnionFilesystem([Layer.of({"/l": symlink("")})])
    assert failure_of(filesystem.stat, "/l") == errno.ENOENT


def test_in_a_directory_that_was_deleted_no_name_is_too_long():
    filesystem = UnionFilesystem([Layer.of({"/a": None})])
    filesystem.chdir("/a")
    filesystem.rmdir("/a")
    for call in (filesystem.mkdir, filesystem.stat, filesystem.unlink):
        with pytest.raises(FileNotFoundError):
            call("n" * 256)
