"""The process that shows files to the engine: each call has the kernel's errno, none leads out, and it ends in time."""

import errno
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from course.errors import MachineError
from course.layers.entry import InMemory
from course.processes.linux import mounted_files, probe, user_namespace
from course.processes.linux.helper_process import HelperProcess
from course.union.file_data import FileData

pytestmark = [pytest.mark.linux, pytest.mark.peer("ps")]


def children(pid):
    """Return the processes that ``pid`` (int) has started and that are there still (list of int)."""
    listed = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False
    ).stdout
    return [int(word) for word in listed.split()]


@pytest.fixture
def helper():
    """A helper in a directory of its own, in which there is the volume ``vol``."""
    if probe.runtime() != "linux":
        pytest.skip("left out: needs namespaces")
    with tempfile.TemporaryDirectory(prefix="inside-") as folder:
        data = Path(folder, "volumes", "vol", "_data")
        data.mkdir(parents=True)
        Path(folder).chmod(0o755)
        if user_namespace.is_root():
            os.chown(data, *user_namespace.owner())
        made = HelperProcess(Path(folder))
        before = Path("/proc/self/mountinfo").read_text(), len(os.listdir("/proc/self/fd"))
        yield made
        deadline = time.monotonic() + 2
        while children(made.pid) and time.monotonic() < deadline:
            time.sleep(0.01)
        assert children(made.pid) == []
        made.forget()
        assert (Path("/proc/self/mountinfo").read_text(), len(os.listdir("/proc/self/fd"))) == before


@pytest.fixture
def volume(helper):
    """The files of the volume through the helper, and the directory in which they are."""
    files = mounted_files.tree(helper, "volume:vol")
    yield files, helper.root / "volumes" / "vol" / "_data"
    files.close()


def write(files, path, data):
    files.open_file(path).become(FileData(InMemory(data), len(data)))


def test_each_call_does_what_it_is_called(volume):
    files, data = volume
    files.mkdir("/d", 0o700)
    write(files, "/d/f", b"text")
    files.symlink("f", "/d/l")
    files.link("/d/f", "/d/g")
    files.mknod("/d/p", 0o10644)
    files.chmod("/d/f", 0o640)
    files.utime("/d/f", 5, 7, follow_symlinks=False)
    assert files.listdir("/d") == ["f", "g", "l", "p"]
    assert (files.readlink("/d/l"), files.stat("/d/l").st_size, files.lstat("/d/l").st_size) == ("f", 4, 1)
    found = files.lstat("/d/g")
    assert (found.st_mode, found.st_nlink, found.st_mtime_ns, found.st_uid) == (0o100640, 2, 7, 0)
    with files.content("/d/g").open() as stream:
        assert (stream.read(2), stream.seek(1), stream.read()) == (b"te", 1, b"ext")
    files.unlink("/d/p")
    assert sorted(path.name for path in (data / "d").iterdir()) == ["f", "g", "l"]


@pytest.mark.parametrize(
    ("call", "arguments", "number"),
    [
        ("stat", ("/none",), errno.ENOENT),
        ("stat", ("/file/x",), errno.ENOTDIR),
        ("stat", ("/loop",), errno.ELOOP),
        ("stat", ("/" + "n" * 256,), errno.ENAMETOOLONG),
        ("stat", ("/nul\0",), errno.EINVAL),
        ("readlink", ("/file",), errno.EINVAL),
        ("open_file", ("/file",), errno.EEXIST),
        ("open_file", ("/loop",), errno.EEXIST),
        ("content", ("/loop",), errno.ELOOP),
        ("content", ("/pipe",), errno.ESTALE),
        ("content", ("/",), errno.ESTALE),
        ("mkdir", ("/file",), errno.EEXIST),
        ("rmdir", ("/file",), errno.ENOTDIR),
        ("unlink", ("/none",), errno.ENOENT),
        ("link", ("/none", "/new"), errno.ENOENT),
        ("mknod", ("/null", 0o20666, (1, 3)), errno.EPERM),
    ],
)
def test_each_error_is_the_kernels_and_names_the_path(volume, call, arguments, number):
    files, _data = volume
    write(files, "/file", b"")
    files.symlink("loop", "/loop")
    files.mknod("/pipe", 0o10600)
    with pytest.raises(OSError, match=os.strerror(number)) as refused:
        getattr(files, call)(*arguments)
    assert (refused.value.errno, refused.value.filename) == (number, arguments[0])


def test_links_and_dots_end_at_the_root(volume):
    files, data = volume
    files.symlink("/etc", "/absolute")
    files.symlink("../../../../../etc", "/dots")
    for path in ("/absolute/passwd", "/dots/passwd", "/../../../../etc/passwd", "/proc/self/root"):
        with pytest.raises(FileNotFoundError):
            files.stat(path)
    assert files.stat("/../..").st_ino == data.stat().st_ino


def test_an_attribute_that_only_the_machines_root_could_set_is_left_out(volume):
    files, _data = volume
    write(files, "/file", b"")
    files.setxattr("/file", "user.note", b"x")
    files.setxattr("/file", "trusted.note", b"x")
    assert files.listxattr("/file") == ["user.note"]
    assert files.getxattr("/file", "user.note") == b"x"


def test_an_owner_without_an_id_here_becomes_another(volume):
    files, _data = volume
    write(files, "/file", b"")
    files.lchown("/file", 70_000, 70_000)
    assert files.lstat("/file").st_uid == (65534 if user_namespace.is_root() else 0)


def test_what_has_shrunk_meanwhile_ends_in_zeros(volume):
    files, data = volume
    write(files, "/file", b"0123456789")
    files.lstat("/file")
    os.truncate(data / "file", 4)
    assert files.content("/file").open().read() == b"0123\0\0\0\0\0\0"


IMPORTING = """
import os, sys
from course.processes.linux import inside, user_namespace, wire
inside.CALLS["import"] = lambda path: __import__("colorsys").__name__
here, there = wire.pair()
if os.fork() == 0:
    here.close()
    user_namespace.enter()
    sys.path.append("/")
    inside.show({"folder": "data"}, there)
there.close()
wire.receive(here)
wire.send(here, ("import", "/"))
print(wire.receive(here))
"""


def test_no_code_of_a_container_is_imported():
    if probe.runtime() != "linux":
        pytest.skip("left out: needs namespaces")
    with tempfile.TemporaryDirectory(prefix="inside-") as folder:
        Path(folder).chmod(0o755)
        Path(folder, "data").mkdir()
        Path(folder, "data").chmod(0o777)
        Path(folder, "data", "colorsys.py").write_text("open('/ran', 'w')")
        environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
        command = [sys.executable, "-c", IMPORTING]
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
        assert "No module named 'colorsys'" in done.stderr
        assert done.stdout == "(None, [])\n"
        assert not Path(folder, "data", "ran").exists()


def test_when_it_is_killed_that_is_said_and_the_next_one_works(helper):
    files = mounted_files.tree(helper, "volume:vol")
    write(files, "/file", b"there")
    (looking,) = children(helper.pid)
    os.kill(looking, signal.SIGKILL)
    with pytest.raises(MachineError, match="was killed; try again"):
        files.stat("/file")
    files.close()
    again = mounted_files.tree(helper, "volume:vol")
    assert again.stat("/file").st_size == 5
    again.close()


def test_it_ends_with_whoever_asked(helper):
    files = mounted_files.tree(helper, "volume:vol")
    assert len(children(helper.pid)) == 1
    del files  # which the fixture waits for


def test_what_is_not_there_cannot_be_shown(helper):
    with pytest.raises(MachineError, match="No such file"):
        mounted_files.tree(helper, "volume:none")
