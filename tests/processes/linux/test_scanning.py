"""What is scanned of a real directory is what lies in it; of an upper directory, what the simulator has as well."""

import dataclasses
import marshal
import os
import resource
import socket
import stat
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings

from course.processes.linux import scanning
from course.processes.linux.real_trees import read_write_layer
from course.processes.linux.scanning import remove_tree, scan
from course.union.inode import WHITEOUT

sys.path.append(str(Path(__file__).parents[2] / "union"))
from after_calls import after
from kernel.by_hand import RECENT
from kernel.cases import cases
from kernel.checking import SETTINGS
from scanned import SHOWN, ScannedOverlay
from test_86_operations import L0, L1, ROWS, named_for

pytestmark = pytest.mark.linux
NOW = RECENT + 1


@pytest.fixture(params=[pytest.param("root", marks=pytest.mark.root), "user"], scope="module")
def overlay(request):
    with ScannedOverlay(request.param) as found:
        if found.lacking:
            pytest.skip(f"left out: needs {found.lacking}")
        yield found


def told(layer, parent):
    """What a read-write layer says, its nodes and its frozen form, in a form that compares."""
    nodes = {
        path: "whiteout" if inode is WHITEOUT else (oct(inode.mode), inode.nlink, inode.opaque)
        for path, inode in layer.root.walk()
    }
    frozen = layer.freeze(parent)
    entries = {
        path: dataclasses.replace(entry, mtime_ns=min(entry.mtime_ns, NOW)) for path, entry in frozen.entries.items()
    }
    contents = {path: beginning(entry) for path, entry in entries.items() if stat.S_ISREG(entry.st_mode)}
    return nodes, entries, frozen.whiteouts, frozen.opaque, contents


def beginning(entry):
    with entry.content.open() as stream:
        return stream.read(SHOWN)


def same(overlay, layers, calls):
    real = read_write_layer(*overlay.run(layers, calls))
    return told(real, layers[-1]), told(after(layers, calls).read_write_layer, layers[-1])


@pytest.mark.parametrize("row", ROWS, ids=[f"{row.number}: {row.operation}" for row in ROWS])
def test_after_an_operation_the_upper_directory_reads_as_the_read_write_layer_of_the_simulator(overlay, row):
    real, ours = same(overlay, (L0, L1), [named_for("user", each) for each in row.calls])
    assert real == ours


def test_after_random_calls_the_upper_directory_reads_as_the_read_write_layer_of_the_simulator(overlay):
    @settings(SETTINGS, max_examples=100)
    @given(cases(overlay.kind))
    def holds(case):
        real, ours = same(overlay, case.layers, case.calls)
        assert real == ours

    holds()


# Any directory


@pytest.fixture
def top(tmp_path):
    (tmp_path / "top").mkdir()
    descriptor = os.open(tmp_path / "top", os.O_RDONLY | os.O_DIRECTORY)
    yield tmp_path / "top", descriptor
    os.close(descriptor)


def rows_by_path(descriptor):
    rows = scan(descriptor)
    assert marshal.loads(marshal.dumps(rows)) == rows  # as it comes through the helper's socket
    return {row[0]: row for row in rows}


def test_a_row_says_what_stat_says(top):
    path, descriptor = top
    (path / "d").mkdir(0o750)
    (path / "d/file").write_bytes(b"12345")
    os.link(path / "d/file", path / "again")
    os.symlink("d/file", path / "link")
    os.mkfifo(path / "fifo", 0o600)
    os.utime(path / "d/file", ns=(7, 1_000_000_007))
    rows = rows_by_path(descriptor)
    assert list(rows) == ["/", "/again", "/d", "/fifo", "/link", "/d/file"]
    _, mode, uid, gid, time, size, device, number, target, xattrs = rows["/d/file"]
    found = (path / "d/file").stat()
    assert (mode, uid, gid, time, size) == (found.st_mode, os.geteuid(), found.st_gid, 1_000_000_007, 5)
    assert (device, number, target, xattrs) == ((0, 0), found.st_ino, "", ())
    assert rows["/again"][7] == number
    assert rows["/link"][8] == "d/file"
    assert rows["/d"][7] == rows["/fifo"][7] == 0
    assert stat.S_ISFIFO(rows["/fifo"][1])


def test_a_name_that_is_not_utf_8_keeps_its_bytes(top):
    path, descriptor = top
    (path / os.fsdecode(b"caf\xe9")).touch()
    os.symlink(b"\xff", path / "link")
    rows = rows_by_path(descriptor)
    assert os.fsencode(list(rows)[1]) == b"/caf\xe9"
    assert os.fsencode(rows["/link"][8]) == b"\xff"


def test_extended_attributes_are_read(top):
    path, descriptor = top
    (path / "file").touch()
    for name in ("file", "."):
        try:
            os.setxattr(path / name, "user.note", b"\0hi")
        except OSError:
            pytest.skip("left out: needs a file system with user.* xattrs")
    rows = rows_by_path(descriptor)
    assert rows["/file"][9] == rows["/"][9] == (("user.note", b"\0hi"),)


def test_no_link_is_followed(top, tmp_path):
    path, descriptor = top
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/secret").touch()
    os.symlink(tmp_path / "outside", path / "d")
    assert list(rows_by_path(descriptor)) == ["/", "/d"]


def test_a_socket_is_a_row_and_in_the_read_write_layer_but_in_no_layer(top, monkeypatch):
    path, descriptor = top
    monkeypatch.chdir(path)  # a socket's path is short
    with socket.socket(socket.AF_UNIX) as made:
        made.bind("socket")
    layer = read_write_layer(scan(descriptor), open)
    assert list(layer.root.entries) == ["socket"]
    assert "/socket" not in layer.freeze().entries


def test_a_file_is_opened_when_it_is_read(top):
    path, descriptor = top
    (path / "file").write_text("before")
    layer = read_write_layer(scan(descriptor), lambda below: (path / below[1:]).open("rb"))
    (path / "file").write_text("after!")
    assert layer.freeze().entries["/file"].read() == b"after!"


@pytest.mark.root
def test_what_is_on_another_file_system_is_left_out(tmp_path):
    script = f"""
import os
from course.processes.linux.scanning import scan
from course.processes.linux.syscalls import *
unshare(CLONE_NEWNS); mount("none", "/", "", MS_REC | MS_PRIVATE)
os.chdir({str(tmp_path)!r}); os.makedirs("a/mnt"); mount("t", "a/mnt", "tmpfs")
open("a/mnt/inside", "w"); open("a/b", "w")
print([row[0] for row in scan(os.open("a", os.O_RDONLY))])
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("['/', '/b']\n", "")


def flipping(path, outside, stop):
    """Make a directory and a link to another one take turns at ``path``, and files come and go."""
    while not stop.is_set():
        (path / "d").rename(path / "was-d")
        (path / "d").symlink_to(outside)
        (path / "f").touch()
        (path / "d").unlink()
        (path / "was-d").rename(path / "d")
        (path / "f").unlink()


@pytest.mark.parametrize("job", ["scan", "remove"])
def test_what_others_change_meanwhile_harms_nothing(top, tmp_path, job):
    path, descriptor = top
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret").touch()
    (path / "d").mkdir()
    for number in range(20):
        (path / f"d/{number}").touch()
    stop = threading.Event()
    thread = threading.Thread(target=flipping, args=(path, outside, stop))
    thread.start()
    try:
        for _ in range(300):
            if job == "scan":
                assert not [row for row in scan(descriptor) if "secret" in row[0]]
            else:
                (path / "e").mkdir()
                (path / "e/d").symlink_to(outside)
                (path / "e/f").mkdir()
                (path / "e/f/d").symlink_to(outside)
                remove_tree(descriptor, "e")
    finally:
        stop.set()
        thread.join()
    assert (outside / "secret").exists()
    assert job == "scan" or not (path / "e").exists()


@pytest.fixture
def outside(tmp_path):
    """A directory outside with a file in it, both with an attribute."""
    place = tmp_path / "outside"
    place.mkdir()
    (place / "secret").touch()
    for each in (place, place / "secret"):
        os.setxattr(each, "user.secret", b"")
    return place


def becoming(path, outside):
    """Put a link to outside in the place of a file or directory."""
    path.rename(path.with_name(f"was-{path.name}"))
    path.symlink_to(outside)


def test_a_link_that_becomes_a_directory_right_after_it_was_looked_at_is_left_out(top, monkeypatch):
    path, descriptor = top
    (path / "link").symlink_to("/")
    (path / "other").touch()

    def looked_at(name, stat=os.stat, **how):
        found = stat(name, **how)
        if name == "link":
            (path / "link").unlink()
            (path / "link").mkdir()
        return found

    monkeypatch.setattr(os, "stat", looked_at)
    assert [row[0] for row in scan(descriptor)] == ["/", "/other"]


def test_a_file_that_becomes_a_link_right_after_it_was_looked_at_is_not_followed(top, outside, monkeypatch):
    path, descriptor = top
    (path / "f").touch()
    real = os.stat

    def looked_at(name, **more):
        found = real(name, **more)
        if name == "f":
            becoming(path / "f", outside / "secret")
        return found

    monkeypatch.setattr(os, "stat", looked_at)
    assert [row[9] for row in scan(descriptor)] == [()]


def test_a_directory_that_becomes_a_link_before_it_is_entered_is_not_followed(top, outside, monkeypatch):
    path, descriptor = top
    (path / "d").mkdir()
    (path / "d/own").touch()
    real = scanning._row

    def told(row_path, *more):
        if row_path == "/d":
            becoming(path / "d", outside)
        return real(row_path, *more)

    monkeypatch.setattr(scanning, "_row", told)
    assert [row[0] for row in scan(descriptor)] == ["/", "/d"]


# Removing


@pytest.mark.parametrize("name", ["tree", "inner"])
def test_a_directory_that_becomes_a_link_while_its_tree_is_removed_is_not_followed(top, outside, monkeypatch, name):
    path, descriptor = top
    (path / "tree/inner/more").mkdir(parents=True)
    real, places = scanning._removed, {"tree": path / "tree", "inner": path / "tree/inner"}

    def removed(directory, which):
        gone = real(directory, which)
        if which == name and places[name].is_dir() and not places[name].is_symlink():
            becoming(places[name], outside)
        return gone

    monkeypatch.setattr(scanning, "_removed", removed)
    with suppress(OSError):
        remove_tree(descriptor, "tree")
    assert (outside / "secret").exists()


def test_a_tree_is_removed_and_what_its_links_lead_to_stays(top, tmp_path):
    path, descriptor = top
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/kept").touch()
    (path / "tree/a/b/c").mkdir(parents=True)
    (path / "tree/.removed-1/full").mkdir(parents=True)
    (path / "tree/.removed-2").touch()
    os.symlink(tmp_path / "outside", path / "tree/a/link")
    os.link(tmp_path / "outside/kept", path / "tree/a/b/kept")
    os.mkfifo(path / "tree/a/b/fifo")
    (path / "other").touch()
    remove_tree(descriptor, "tree")
    assert [each.name for each in path.iterdir()] == ["other"]
    assert (tmp_path / "outside/kept").stat().st_nlink == 1


@pytest.mark.parametrize("kind", ["file", "link", "nothing"])
def test_what_is_no_directory_is_removed_as_well(top, tmp_path, kind):
    path, descriptor = top
    (tmp_path / "outside").mkdir()
    if kind == "file":
        (path / "it").touch()
    elif kind == "link":
        (path / "it").symlink_to(tmp_path / "outside")
    remove_tree(descriptor, "it")
    assert list(path.iterdir()) == []
    assert (tmp_path / "outside").is_dir()


def nested(descriptor, depth):
    here = os.dup(descriptor)
    os.mkdir("deep", dir_fd=here)
    for _ in range(depth):
        inner = os.open("deep", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = inner
        os.mkdir("deep", dir_fd=here)
    os.close(here)


def test_a_tree_deeper_than_any_path_is_removed_with_few_descriptors(top):
    path, descriptor = top
    nested(descriptor, 1200)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(map(int, os.listdir("/proc/self/fd"))) + 10, hard))
    try:
        remove_tree(descriptor, "deep")
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert list(path.iterdir()) == []


def test_a_tree_deeper_than_any_path_cannot_be_scanned(top):
    nested(top[1], 1200)
    with pytest.raises(OSError, match="File name too long"):
        scan(top[1])
    remove_tree(top[1], "deep")


def test_what_overlayfs_leaves_is_removed_by_the_root_of_a_user_namespace(tmp_path):
    script = """
import os
from course.processes.linux.scanning import remove_tree, scan
from course.processes.linux.syscalls import *
maps = {"setgroups": "deny", "uid_map": f"0 {os.geteuid()} 1", "gid_map": f"0 {os.getegid()} 1"}
unshare(CLONE_NEWUSER | CLONE_NEWNS)
for name, content in maps.items():
    open(f"/proc/self/{name}", "w").write(content)
mount("none", "/", "", MS_REC | MS_PRIVATE); mount("t", ".", "tmpfs"); os.chdir(os.getcwd())
for name in ("lower", "upper", "work", "merged"):
    os.mkdir(name)
open("lower/f", "w"); os.mkdir("upper/closed", 0); os.mkdir("lower/d", 0o500)
mount("o", "merged", "overlay", 0, "userxattr,lowerdir=lower,upperdir=upper,workdir=work")
os.unlink("merged/f"); os.rmdir("merged/d"); umount2("merged", 0)
print(oct(os.stat("work/work").st_mode), sorted(row[0] for row in scan(os.open("upper", os.O_RDONLY))))
top = os.open(".", os.O_RDONLY)
for name in ("work", "upper"):
    remove_tree(top, name)
print(sorted(os.listdir()))
"""
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False)
    if "'unshare(" in done.stderr:
        pytest.skip("left out: needs user namespaces")
    assert (done.stderr, done.stdout) == ("", "0o40000 ['/', '/closed', '/d', '/f']\n['lower', 'merged']\n")


@pytest.mark.root
def test_where_something_is_mounted_the_tree_stays_and_the_error_says_so(tmp_path):
    script = f"""
import os
from course.processes.linux.scanning import remove_tree
from course.processes.linux.syscalls import *
unshare(CLONE_NEWNS); mount("none", "/", "", MS_REC | MS_PRIVATE)
os.chdir({str(tmp_path)!r}); os.makedirs("a/b/mnt"); mount("t", "a/b/mnt", "tmpfs"); open("a/b/mnt/inside", "w")
try:
    remove_tree(os.open(".", os.O_RDONLY), "a")
except OSError as error:
    print(error.strerror, os.listdir("a/b/mnt"))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("Device or resource busy ['inside']\n", "")


def test_the_module_makes_the_helper_no_larger_than_it_is():
    script = "import sys, course.processes.linux.syscalls; before = set(sys.modules)\n"
    script += "import course.processes.linux.scanning; print(*set(sys.modules) - before)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("course.processes.linux.scanning\n", "")
