"""The simulator against the kernel's overlayfs: random layers, random calls, and what both leave."""

import stat
import subprocess
import sys
from contextlib import contextmanager

import pytest
from kernel.calls import Call, Slot
from kernel.cases import Case, cases_with_mounts
from kernel.checking import check, search
from kernel.mounted import Mounted
from kernel.script import script
from kernel.vocabulary import arguments, uses

from course.layers.entry import FileEntry, Kind, symlink
from course.layers.layer import Layer
from course.union import flags
from course.union.filesystem import UnionFilesystem
from course.union.mounts import MountTable
from course.union.overlay import Overlay

pytestmark = pytest.mark.linux
NO_CALLS = {
    "alone",
    "changes",
    "content",
    "fork",
    "freeze",
    "mounted_at",
    "open_file",
    "statfs",
    "with_credentials",
    "wrote",
}
MOUNTING = {"mount", "remount"}
SEQUENCES = 300  # of each kind; `make soak` runs as many as there is time for
BASE = Layer.of(
    {
        "/file": "0123456789",
        "/low/a": "a",
        "/d/x": "x",
        "/empty": None,
        "/sym": symlink("file"),
        "/fifo": FileEntry(Kind.FIFO, 0o600),
    }
)
LAYERS = (BASE, Layer.of({"/d/w": "w" * 5000}, whiteouts=["/d/x"], parent=BASE))
ONE = Slot(0)
EVERY_CALL = [
    Call("umask", (0o027,)),
    Call("open", ("file", flags.O_RDWR | flags.O_APPEND), slot=ONE),
    Call("read", (ONE, 4)),
    Call("write", (ONE, b"ZZ")),
    Call("pread", (ONE, 4, 2)),
    Call("pwrite", (ONE, b"+", 0)),
    Call("lseek", (ONE, 3, flags.SEEK_SET)),
    Call("fchmod", (ONE, 0o600)),
    Call("fchown", (ONE, 0, -1)),
    Call("ftruncate", (ONE, 6000)),
    Call("fstat", (ONE,)),
    Call("close", (ONE,)),
    Call("close", (ONE,)),
    Call("open", ("fifo", flags.O_RDWR | flags.O_NONBLOCK), slot=ONE),
    Call("truncate", ("d/w", 3)),
    Call("mkdir", ("new", 0o777)),
    Call("mknod", ("new/node", stat.S_IFREG | 0o666, (0, 0))),
    Call("mknod", ("zero", stat.S_IFCHR, (0, 0))),
    Call("symlink", ("../d", "new/s")),
    Call("readlink", ("new/s",)),
    Call("link", ("d/w", "new/w")),
    Call("rename", ("new/w", "low/a", flags.RENAME_EXCHANGE)),
    Call("rename", ("d", "e", 0)),
    Call("rename", ("low/a", "low/b", 0)),
    Call("unlink", ("d/x",)),
    Call("unlink", ("new/s",)),
    Call("rmdir", ("empty",)),
    Call("rmdir", ("low",)),
    Call("stat", ("sym",)),
    Call("lstat", ("sym",)),
    Call("listdir", ("d",)),
    Call("chmod", ("low", 0o700)),
    Call("chown", ("low", 0, 0)),
    Call("lchown", ("sym", 0, -1)),
    Call("utime", ("low", None, 10**18)),
    Call("utime", ("sym", 5, 5), named=(("follow_symlinks", False),)),
    Call("setxattr", ("d", "user.k", b"v", 0)),
    Call("getxattr", ("d", "user.k")),
    Call("listxattr", ("d",)),
    Call("removexattr", ("d", "user.k")),
    Call("removexattr", ("d", "user.k")),
    Call("access", ("file", 2)),
    Call("access", ("file", 1)),
    Call("chdir", ("d",)),
    Call("getcwd"),
    Call("open", ("a\0b", 0), slot=ONE),
    Call("stat", ("n" * 256,)),
]


@contextmanager
def entered(kind):
    with Mounted(kind) as mounted:
        if mounted.lacking:
            pytest.skip(f"left out: needs {mounted.lacking}")
        yield mounted


@pytest.fixture(params=[pytest.param("root", marks=pytest.mark.root), "user"], scope="module")
def mounted(request):
    with entered(request.param) as found:
        yield found


def run_apart(mounted, path):
    """Return what a script prints, in namespaces of its own."""
    apart = ["unshare", "--mount"] if mounted.kind == "root" else ["unshare", "--user", "--map-root-user", "--mount"]
    done = subprocess.run([*apart, sys.executable, path], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    return done.stdout


def test_the_simulator_does_what_the_kernel_does(mounted):
    search(mounted, SEQUENCES)


def test_with_volumes_binds_and_read_only_mounts_it_does_what_the_kernel_does(mounted):
    search(mounted, SEQUENCES, strategy=cases_with_mounts)


def test_every_call_does_in_the_simulator_what_it_does_in_the_kernel(mounted):
    check(mounted, Case(LAYERS, EVERY_CALL))


def test_the_random_sequences_make_every_call_there_is():
    there = {name for name in dir(UnionFilesystem) if callable(getattr(UnionFilesystem, name)) and name[0] != "_"}
    known = {*arguments("root"), *uses("root")}
    assert known == there - NO_CALLS - MOUNTING
    assert known == {call.name for call in EVERY_CALL}


def test_a_simulator_that_leaves_no_whiteout_is_found_out(mounted, monkeypatch):
    monkeypatch.setattr(Overlay, "_cover", lambda *_arguments: None)
    with pytest.raises(AssertionError, match="upper /file: whiteout in the kernel, nothing in the simulator"):
        check(mounted, Case((BASE,), [Call("unlink", ("file",))]))


def test_a_simulator_that_moves_directories_is_found_out_by_the_random_sequences(monkeypatch):
    monkeypatch.setattr(Overlay, "check_movable", lambda *_arguments: None)
    with entered("user") as mounted, pytest.raises(AssertionError, match=r"rename\(.*EXDEV in the kernel"):
        search(mounted, 3000, at=0)


def test_a_simulator_that_lets_mount_points_go_is_found_out(mounted, monkeypatch):
    monkeypatch.setattr(MountTable, "covers", lambda *_arguments: False)
    with pytest.raises(AssertionError, match="EBUSY in the kernel, ok in the simulator"):
        check(mounted, Case((BASE,), [Call("mount_volume", ("/empty",)), Call("rmdir", ("/empty",))]))


@pytest.mark.peer("unshare", "mount", "umount")
def test_the_script_of_a_case_with_mounts_gives_what_the_case_gave(mounted, tmp_path):
    calls = [
        Call("mount_volume", ("/low",)),
        Call("bind", ("/file", "/d/w", True)),
        Call("truncate", ("/file", 0)),
        Call("mkdir", ("/low/new", 0o755)),
        Call("remount", ("/low",), named=(("read_only", True),)),
        Call("rmdir", ("/low/new",)),
        Call("unlink", ("/file",)),
        Call("rename", ("/d/w", "/low/w")),
    ]
    check(mounted, Case(LAYERS, calls))
    real = mounted.run(LAYERS, calls)
    path = tmp_path / "script.py"
    path.write_text(script(Case(LAYERS, calls), real[0], []))
    printed = run_apart(mounted, path).splitlines()
    told = [line.rpartition("): ")[2] for line in printed[: len(calls)]]
    assert told == ["ok", "ok", "EROFS", "ok", "ok", "EROFS", "EBUSY", "EXDEV"]


@pytest.mark.peer("unshare", "mount", "umount")
def test_the_script_of_a_case_gives_what_the_case_gave(mounted, tmp_path):
    real = mounted.run(LAYERS, EVERY_CALL)
    path = tmp_path / "script.py"
    path.write_text(script(Case(LAYERS, EVERY_CALL), real[0], []))
    printed = run_apart(mounted, path).splitlines()
    assert [line.rpartition("): ")[2] for line in printed[: len(EVERY_CALL)]] == [str(outcome) for outcome in real[0]]


@pytest.mark.peer("unshare", "mount", "umount")
def test_the_script_says_what_the_simulator_said_instead(mounted, tmp_path, monkeypatch):
    monkeypatch.setattr(UnionFilesystem, "unlink", lambda *_arguments: None)
    with pytest.raises(AssertionError) as caught:
        check(mounted, Case(LAYERS, [Call("stat", ("file",)), Call("unlink", ("missing",))]))
    path = tmp_path / "script.py"
    path.write_text(str(caught.value).partition("As a script:\n")[2])
    printed = run_apart(mounted, path)
    assert "os.unlink('missing'): ENOENT   <-- the simulator: ok\n" in printed
    assert printed.endswith("call 1, os.unlink('missing'): ENOENT in the kernel, ok in the simulator\n")
