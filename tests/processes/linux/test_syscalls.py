"""The wrappers of system calls: what they do, and how they fail, on files and in namespaces of this test's own."""

import errno
import os
import re
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from course.processes.linux import mounting, syscalls
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
    head = "import os; from course.processes.linux.syscalls import *; from course.processes.linux.mounting import *\n"
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
    for failing in (lambda: unshare(0), lambda: syscalls.close_range(9, 9)):
        with pytest.raises(OSError, match=r"unshare\(0\)|close_range\(9, 9, 0\)") as caught:
            failing()
        assert caught.value.errno == errno.ENOSYS


ALONE = """
maps = {"setgroups": "deny", "uid_map": f"0 {os.geteuid()} 1", "gid_map": f"0 {os.getegid()} 1"}
unshare(CLONE_NEWUSER | CLONE_NEWNS)
for name, text in maps.items():
    with open(f"/proc/self/{name}", "w") as file:
        file.write(text)
mount('none', '/', '', MS_REC | MS_PRIVATE)
"""
HEADERS = {
    "x86_64": ("/usr/include/x86_64-linux-gnu/asm/unistd_64.h", r"#define __NR_(\w+) (\d+)"),
    "aarch64": ("/usr/include/asm-generic/unistd.h", r"#define __NR_(\w+)\s+(\d+)"),
}


@pytest.mark.parametrize("machine", HEADERS)
def test_calls_that_go_by_number_have_the_kernels_number(machine):
    path, pattern = HEADERS[machine]
    if not Path(path).exists():
        pytest.skip(f"left out: needs {path} (linux-libc-dev)")
    known = {name: int(number) for name, number in re.findall(pattern, Path(path).read_text())}
    ours = syscalls._NUMBERS | {name: numbers[machine] for name, numbers in syscalls._NUMBERS_BY_MACHINE.items()}
    assert ours == {name: known[name] for name in ours}


def test_on_a_machine_whose_numbers_are_unknown_such_calls_are_not_implemented(monkeypatch):
    monkeypatch.setattr(syscalls, "_machine", lambda: "riscv64")
    for failing in (lambda: syscalls.pivot_root("a", "b"), lambda: syscalls.seccomp(1, 0, bytes(8))):
        with pytest.raises(OSError, match=r"pivot_root\('a', 'b'\)|seccomp\(1, 0, ") as caught:
            failing()
        assert caught.value.errno == errno.ENOSYS
    os.close(syscalls.pidfd_open(os.getpid()))


def test_a_32_bit_process_does_not_use_the_numbers_of_a_64_bit_kernel(monkeypatch):
    monkeypatch.setattr(sys, "maxsize", 2**31 - 1)
    with pytest.raises(OSError) as caught:
        syscalls.pivot_root("a", "b")
    assert caught.value.errno == errno.ENOSYS


def test_a_path_is_followed_within_its_root_only(folder):
    os.symlink("/a", "absolute")
    os.symlink("../../../../b", "upward")
    here = os.open(".", os.O_PATH)
    for link, content in {"absolute": b"a", "upward": b"b"}.items():
        file = syscalls.openat2(here, link, os.O_RDONLY | os.O_CLOEXEC, resolve=syscalls.RESOLVE_IN_ROOT)
        assert os.read(file, 9) == content
        os.close(file)
        for how in (syscalls.RESOLVE_BENEATH, syscalls.RESOLVE_NO_SYMLINKS):
            with pytest.raises(
                OSError, match=rf"openat2\({here}, '{link}', \({os.O_RDONLY}, 0, {how}\), 24\)"
            ) as caught:
                syscalls.openat2(here, link, os.O_RDONLY, resolve=how)
            assert caught.value.errno in (errno.EXDEV, errno.ELOOP)
    os.close(here)


def test_a_file_is_made_with_its_mode_and_a_name_that_is_not_utf_8(folder):
    here = os.open(".", os.O_RDONLY)
    os.close(syscalls.openat2(here, b"caf\xe9", os.O_WRONLY | os.O_CREAT, 0o600, syscalls.RESOLVE_BENEATH))
    os.close(here)
    assert os.stat(b"caf\xe9").st_mode & 0o777 == 0o600


def test_a_range_of_descriptors_is_closed_or_closed_on_exec():
    first, second = os.pipe()
    for each in (first, second):
        os.set_inheritable(each, True)
    syscalls.close_range(first, first, syscalls.CLOSE_RANGE_CLOEXEC)
    assert (os.get_inheritable(first), os.get_inheritable(second)) == (False, True)
    syscalls.close_range(first, first)
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(first)
    os.close(second)


def test_a_process_is_held_by_a_descriptor_and_gets_a_signal_by_it():
    child = subprocess.Popen(["sleep", "60"])
    fd = syscalls.pidfd_open(child.pid)
    assert not os.get_inheritable(fd)
    assert select.select([fd], [], [], 0)[0] == []
    syscalls.pidfd_send_signal(fd, signal.SIGTERM)
    assert child.wait() == -signal.SIGTERM
    with pytest.raises(ProcessLookupError, match=rf"pidfd_send_signal\({fd}, 9, None, 0\)"):
        syscalls.pidfd_send_signal(fd, 9)
    os.close(fd)


def test_prctl_answers():
    assert syscalls.prctl(syscalls.PR_GET_NO_NEW_PRIVS) == 0
    assert syscalls.prctl(syscalls.PR_CAPBSET_READ, 0) in (0, 1)
    printed = in_new_namespaces(
        "prctl(PR_SET_NO_NEW_PRIVS, 1); print(prctl(PR_GET_NO_NEW_PRIVS))\n"
        "prctl(PR_SET_NAME, 'name'); print(open('/proc/self/comm').read(), end='')"
    )
    assert printed == "1\nname\n"


def test_capabilities_are_read_and_set_in_both_halves():
    status = dict(line.split(":\t") for line in Path("/proc/self/status").read_text().splitlines() if ":\t" in line)
    assert syscalls.capget() == syscalls.capget(os.getpid())
    assert syscalls.capget() == tuple(int(status[name], 16) for name in ("CapEff", "CapPrm", "CapInh"))
    printed = in_new_namespaces("unshare(CLONE_NEWUSER); capset(1 << 38 | 4, 1 << 38 | 6, 2); print(capget())")
    assert printed == f"{(1 << 38 | 4, 1 << 38 | 6, 2)}\n"


def test_another_namespace_is_entered_by_a_descriptor():
    printed = in_new_namespaces(
        "unshare(CLONE_NEWUSER | CLONE_NEWUTS); sethostname('first')\n"
        "first = os.open('/proc/self/ns/uts', os.O_RDONLY)\n"
        "unshare(CLONE_NEWUTS); sethostname('zweites'); print(os.uname().nodename)\n"
        "setns(first, CLONE_NEWUTS); print(os.uname().nodename)"
    )
    assert printed == "zweites\nfirst\n"


def test_the_root_is_changed_and_the_old_one_let_go(folder):
    printed = in_new_namespaces(
        ALONE + "os.mkdir('new'); mount('t', 'new', 'tmpfs'); os.chdir('new'); os.mkdir('here')\n"
        "pivot_root('.', '.'); umount2('.', MNT_DETACH); os.chdir('/'); print(os.listdir('/'), os.listdir('..'))"
    )
    assert printed == "['here'] ['here']\n"
    assert os.listdir("new") == []


def test_a_file_system_is_configured_made_and_attached(folder):
    printed = in_new_namespaces(
        ALONE + "fs = fsopen('tmpfs'); fsconfig_set_string(fs, 'size', '1m'); fsconfig_set_flag(fs, 'inode64')\n"
        "fsconfig_create(fs); tree = fsmount(fs, attr_flags=MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV)\n"
        "os.mkdir('at'); move_mount(tree, '', AT_FDCWD, 'at'); seen = os.statvfs('at')\n"
        "print(seen.f_blocks * seen.f_frsize, seen.f_flag & 7, os.get_inheritable(fs), os.get_inheritable(tree))\n"
        "copy = open_tree(AT_FDCWD, 'at'); os.mkdir('to'); move_mount(copy, '', AT_FDCWD, 'to')\n"
        "open('at/x', 'w').close()\n"
        "mount_setattr(AT_FDCWD, 'to', 0, MOUNT_ATTR_RDONLY, MOUNT_ATTR_NODEV, MS_PRIVATE)\n"
        "print(os.listdir('to'), os.statvfs('to').f_flag & 7, os.statvfs('at').f_flag & 7, os.get_inheritable(copy))"
    )
    assert printed == "1048576 6 False False\n['x'] 3 6 False\n"
    assert sorted(os.listdir("at")) == []


def test_an_error_of_the_new_api_names_the_call_and_the_kernel_tells_more():
    printed = in_new_namespaces(
        ALONE + "fs = fsopen('tmpfs')\ntry:\n fsconfig_set_string(fs, 'colour', 'red')\n"
        "except OSError as error:\n print(error.errno, error.filename); print(os.read(fs, 99))"
    )
    assert printed.startswith(f"{errno.EINVAL} fsconfig(3, {mounting.FSCONFIG_SET_STRING}, 'colour', 'red', 0)\n")
    assert "Unknown parameter 'colour'" in printed


@pytest.mark.root
def test_an_overlay_has_500_layers_and_no_more_as_root_too(tmp_path):
    if tuple(map(int, re.findall(r"\d+", os.uname().release)[:2])) < (6, 8):
        pytest.skip("left out: needs Linux 6.8")
    printed = in_new_namespaces(
        f"unshare(CLONE_NEWNS); mount('none', '/', '', MS_REC | MS_PRIVATE); os.chdir({str(tmp_path)!r})\n"
        "mount('t', '.', 'tmpfs'); os.chdir(os.getcwd()); os.mkdir('merged')\n"
        "for n in range(501): os.makedirs(f'{n}/in {n}')\n"
        "def overlay(count):\n fs = fsopen('overlay')\n"
        " for n in range(count): fsconfig_set_string(fs, 'lowerdir+', str(n))\n"
        " fsconfig_create(fs); return fsmount(fs)\n"
        "move_mount(overlay(500), '', AT_FDCWD, 'merged'); print(len(os.listdir('merged')))\n"
        "try: overlay(501)\nexcept OSError as error: print(error.errno, error.filename)"
    )
    assert printed.splitlines()[0] == "500"
    assert re.fullmatch(rf"{errno.EINVAL} fsconfig\(\d+, 1, 'lowerdir\+', '500', 0\)", printed.splitlines()[1])
