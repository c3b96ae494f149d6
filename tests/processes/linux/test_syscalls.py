"""The wrappers of system calls: what they do, and how they fail, on files and in namespaces of this test's own."""

import errno
import os
import subprocess
import sys

import pytest

from course.processes.linux import syscalls
from course.processes.linux.syscalls import AT_FDCWD, faccessat, mount, renameat2, umount2, unshare, utimensat

LONG_AGO = 10**18 + 7

pytestmark = pytest.mark.linux


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("a", "b"):
        (tmp_path / name).write_text(name)
    return tmp_path


def in_new_namespaces(script):
    """Return what a script prints as root of a user namespace of its own."""
    head = "import os; from course.processes.linux.syscalls import *\n"
    done = subprocess.run([sys.executable, "-c", head + script], capture_output=True, text=True, check=False)
    if "'unshare(" in done.stderr:
        pytest.skip("left out: needs user namespaces")
    assert done.stderr == ""
    return done.stdout


def test_two_names_change_places(folder):
    renameat2(AT_FDCWD, "a", AT_FDCWD, folder / "b", syscalls.RENAME_EXCHANGE)
    assert [(folder / name).read_text() for name in "ab"] == ["b", "a"]


def test_a_name_that_is_there_is_not_replaced(folder):
    with pytest.raises(FileExistsError):
        renameat2(AT_FDCWD, "a", AT_FDCWD, b"b", syscalls.RENAME_NOREPLACE)
    assert (folder / "b").read_text() == "b"


def test_an_error_names_the_call_and_its_arguments(folder):
    with pytest.raises(OSError) as caught:
        renameat2(AT_FDCWD, "missing", AT_FDCWD, "b", 1)
    assert caught.value.errno == errno.ENOENT
    assert str(caught.value) == ("[Errno 2] No such file or directory: \"renameat2(-100, 'missing', -100, 'b', 1)\"")
    with pytest.raises(OSError, match=r"mount\('none', 'missing', 'tmpfs', 0, 'size=1m'\)"):
        mount("none", "missing", "tmpfs", data="size=1m")
    with pytest.raises(OSError, match=r"umount2\('missing', 2\)"):
        umount2("missing", syscalls.MNT_DETACH)
    with pytest.raises(OSError, match=r"unshare\(-1\)"):
        unshare(-1)


def test_a_nul_byte_cuts_no_argument_short(folder):
    with pytest.raises(ValueError, match="embedded null byte"):
        renameat2(AT_FDCWD, "a\0", AT_FDCWD, "c", 0)
    assert sorted(os.listdir()) == ["a", "b"]


def test_access_says_why_not(folder):
    assert faccessat(AT_FDCWD, "a", os.R_OK) is None
    with pytest.raises(FileNotFoundError):
        faccessat(AT_FDCWD, "missing", os.F_OK)
    with pytest.raises(PermissionError):
        faccessat(AT_FDCWD, "a", os.X_OK, syscalls.AT_EACCESS)


def test_one_time_is_set_and_the_other_left(folder):
    utimensat(AT_FDCWD, "a", 5, LONG_AGO)
    utimensat(AT_FDCWD, "a", -1, None)
    assert (os.stat("a").st_atime_ns, os.stat("a").st_mtime_ns) == (-1, LONG_AGO)


def test_without_times_both_become_now(folder):
    utimensat(AT_FDCWD, "a", 0, 0)
    utimensat(AT_FDCWD, "a", None, None)
    assert min(os.stat("a").st_atime_ns, os.stat("a").st_mtime_ns) > LONG_AGO


def test_the_times_of_a_link_itself_are_set(folder):
    os.symlink("a", "link")
    utimensat(AT_FDCWD, "link", 0, 0, syscalls.AT_SYMLINK_NOFOLLOW)
    assert os.lstat("link").st_mtime_ns == 0
    assert os.stat("link").st_mtime_ns > LONG_AGO


def test_a_file_system_is_mounted_and_unmounted_where_nobody_else_sees_it(folder):
    before = (folder / "a").read_text()
    printed = in_new_namespaces(
        "unshare(CLONE_NEWUSER | CLONE_NEWNS); mount('none', '/', '', MS_REC | MS_PRIVATE); mount('t', '.', 'tmpfs')\n"
        "print(os.listdir(os.getcwd())); umount2(os.getcwd(), MNT_DETACH); print(sorted(os.listdir(os.getcwd())))"
    )
    assert printed == "[]\n['a', 'b']\n"
    assert (folder / "a").read_text() == before


def test_the_module_can_be_imported_where_there_is_no_c_library():
    script = "import ctypes; ctypes.CDLL = None; import course.processes.linux.syscalls"
    assert subprocess.run([sys.executable, "-c", script], capture_output=True, check=False).stderr == b""


def test_a_call_that_the_c_library_lacks_is_not_implemented(monkeypatch):
    monkeypatch.setattr(syscalls, "_libc", object)
    with pytest.raises(OSError, match=r"unshare\(0\)") as caught:
        unshare(0)
    assert caught.value.errno == errno.ENOSYS
