"""Observing processes: real ones with namespaces of their own, and what a hostile or failing /proc would say."""

import errno
import os
import shutil
import subprocess
import sys
import threading
from contextlib import contextmanager
from pathlib import Path

import pytest

from course.errors import MachineError
from course.processes.linux.observing import observe, process_named

pytestmark = pytest.mark.linux

KINDS = {"cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts"}
AWKWARD = ["a b", "c:d", "e,f", "g\\h", "n\nl", "caf\udce9"]  # the topmost first
NEW_NAMESPACES = """
import os, sys
from pathlib import Path
from course.processes.linux.syscalls import *
from course.processes.linux.mounting import *
uid, gid = os.getuid(), os.getgid()
unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET)
for name, text in {"setgroups": "deny", "uid_map": f"0 {uid} 1", "gid_map": f"0 {gid} 1"}.items():
    Path("/proc/self", name).write_text(text)
mount("none", "/", "", MS_REC | MS_PRIVATE)
mount("t", sys.argv[1], "tmpfs")
os.chdir(sys.argv[1])
"""
BEFORE_A_CHILD = "print(os.getpid(), flush=True); sys.stdin.read()\n"
IN_A_CHILD = """
ended, begun = os.pipe()  # whose end closes in all of them, in the last one when it is the program
child = os.fork()
if child == 0:
    grandchild = os.fork()
    if grandchild == 0:
        os.execvp("sleep", ["sleep", "1000"])
os.close(begun)
os.read(ended, 1)
print(child, flush=True) if child else None
sys.stdin.read()
"""
LISTED = """
names = [*map(os.fsdecode, eval(sys.argv[2]))]
for name in [*names, "up,per", "work", "merged", "other"]:
    os.mkdir(name)
"""
AS_A_LIST = r"""
escaped = [name.replace("\\", "\\\\").replace(":", "\\:").replace(",", "\\,") for name in names]
mount("overlay", "merged", "overlay", 0, f"lowerdir={':'.join(escaped)},upperdir=up\\,per,workdir=work,userxattr")
"""
ONE_BY_ONE = r"""
fs = fsopen("overlay")
for name in names:
    fsconfig_set_string(fs, "lowerdir+", name)
fsconfig_create(fs)
move_mount(fsmount(fs), "", AT_FDCWD, "merged")
"""


@contextmanager
def running(script, folder, *arguments):
    """Run a script (str) that prints a PID and waits, and give that PID (int)."""
    command = [sys.executable, "-c", script, str(folder), *map(str, arguments)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            line = process.stdout.readline()
            if not line:
                errors = process.stderr.read()
                if "'unshare(" in errors or "'fsconfig(" in errors:
                    pytest.skip("left out: needs user namespaces, and an overlay in them")
                raise AssertionError(errors)
            yield int(line)
        finally:
            process.kill()  # a PID namespace ends with its first process


def own_children():
    return {int(pid) for pid in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()}


def test_one_s_own_process_is_seen_with_all_that_it_has():
    seen = observe()
    assert (seen.pid, seen.pids[-1], seen.parent) == (os.getpid(), os.getpid(), os.getppid())
    assert seen.command == " ".join(sys.orig_argv)
    assert (seen.uid, seen.gid, seen.root_is) == (os.geteuid(), os.getegid(), 0)
    assert set(seen.namespaces) >= KINDS - {"time"}
    for kind, namespace in seen.namespaces.items():
        assert namespace.inode == os.stat(f"/proc/self/ns/{kind}").st_ino
        assert namespace.with_observer is True
    assert [entry.point for entry in seen.mounts if entry.point == "/"]
    assert seen.groups
    assert os.getpid() in [process.outside for process in seen.processes]
    assert observe(os.getpid()).namespaces == seen.namespaces


def test_an_observation_prints_as_tables_that_are_the_same_for_the_same_values():
    seen = observe()
    assert str(seen) == str(seen)
    assert str(seen).startswith(f"process {os.getpid()}: ")
    assert "\nnamespaces\n" in str(seen)
    assert f"  mnt     {seen.namespaces['mnt'].inode}  shared with the observer" in str(seen)


@pytest.mark.parametrize("mounting", [AS_A_LIST, ONE_BY_ONE], ids=["lowerdir", "lowerdir+"])
def test_an_overlay_s_layers_have_their_names_whatever_these_are(tmp_path, mounting):
    encoded = [os.fsencode(name) for name in AWKWARD]
    with running(NEW_NAMESPACES + LISTED + mounting + BEFORE_A_CHILD, tmp_path, encoded) as pid:
        seen = observe(pid)
    (entry,) = [each for each in seen.overlays if each.point == f"{tmp_path}/merged"]  # this machine may have its own
    assert [layer.given for layer in entry.overlay.lower] == AWKWARD
    assert {layer.path for layer in entry.overlay.lower} == {""}  # relative, and nobody tells to what
    if mounting is AS_A_LIST:
        assert (entry.overlay.upper.given, entry.overlay.work.given) == ("up,per", "work")
        assert "userxattr" in entry.overlay.options
    else:
        assert entry.overlay.upper is None
    assert r"n\nl, from a directory that is not known" in str(seen)
    assert r"caf\xe9" in str(seen)


def test_a_child_in_namespaces_of_its_own_is_told_apart(tmp_path):
    with running(NEW_NAMESPACES + IN_A_CHILD, tmp_path) as child:
        seen, parent = observe(child), observe(observe(child).parent)
    own = {"ipc", "mnt", "net", "pid", "user", "uts"}
    assert {kind for kind, each in seen.namespaces.items() if each.with_observer is False} == own
    assert {kind for kind, each in seen.namespaces.items() if each.with_parent is False} == {"pid"}
    assert set(seen.shared(parent)) == set(seen.namespaces) - {"pid"}
    assert set(seen.shared(observe())) == set(seen.namespaces) - own
    assert seen.pids[-1] == 1
    assert len(seen.pids) == len(observe().pids) + 1
    assert seen.root_is == os.getuid()
    assert seen.uid == os.getuid()
    assert [(each.inside, each.command) for each in seen.processes][1:] == [(2, "sleep 1000")]
    assert (seen.processes[0].inside, seen.processes[0].outside) == (1, child)
    assert f"{child}, 1 in its own PID namespace" in str(seen)
    assert f"root in its user namespace is {os.getuid()} here" in str(seen)
    assert "CAP_SYS_ADMIN" in seen.capabilities["effective"]


def test_namespaces_for_children_are_listed_where_they_differ(tmp_path):
    with running(NEW_NAMESPACES + IN_A_CHILD, tmp_path) as child:
        seen, parent = observe(child), observe(observe(child).parent)
    assert parent.namespaces["pid_for_children"].inode == seen.namespaces["pid"].inode
    assert parent.namespaces["pid_for_children"].with_observer is False
    assert "pid_for_children" not in seen.namespaces


def test_of_the_observer_s_pid_namespace_a_process_and_its_descendants_are_listed(tmp_path):
    with running(NEW_NAMESPACES + IN_A_CHILD, tmp_path) as child:
        between = observe(child).parent
        listed = [process.outside for process in observe().processes]
    assert {os.getpid(), between} <= {*listed}
    assert child not in listed
    assert 1 not in listed or os.getpid() == 1


def test_a_zombie_says_that_it_is_one():
    process = subprocess.Popen(["true"])
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    seen = observe(process.pid)
    process.wait()
    assert seen.state == "Z (zombie)"
    assert seen.command == "[true]"
    assert "zombie" in seen.missing["namespaces"]
    assert "zombie" in seen.missing["mounts"]
    assert (seen.mounts, seen.overlays) == ((), ())
    assert "zombie" in str(seen)
    with pytest.raises(MachineError, match=f"There is no process {process.pid} that can be seen here"):
        observe(process.pid)


@pytest.mark.parametrize("pid", [-1, 0, 2**31, 2**80, True])
def test_a_number_that_no_process_has_is_refused(pid):
    with pytest.raises(MachineError, match="There is no process"):
        observe(pid)


def test_a_thread_is_looked_at_with_its_process():
    ready, done = threading.Event(), threading.Event()
    numbers = []

    def work():
        numbers.append(threading.get_native_id())
        ready.set()
        done.wait()

    thread = threading.Thread(target=work)
    thread.start()
    ready.wait()
    try:
        with pytest.raises(MachineError, match=f"{numbers[0]} is a thread of process {os.getpid()}"):
            observe(numbers[0])
    finally:
        done.set()
        thread.join()


def test_only_linux_has_what_is_looked_for(monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    with pytest.raises(MachineError, match="Linux"):
        observe()
    with pytest.raises(MachineError, match="Linux"):
        process_named("sh")


@pytest.mark.root
def test_what_the_kernel_keeps_from_a_user_is_named_and_not_guessed():
    script = f"from course.processes.linux.observing import observe; print(observe({os.getpid()}))"
    user = ["setpriv", "--reuid", "54321", "--regid", "54321", "--clear-groups"]
    printed = subprocess.run([*user, sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    kept = "the kernel shows it only to those who may trace the process: its own user, and root with all rights"
    body, _, missing = printed.partition("\nnot read\n")
    lines = dict(line.strip().split("  ", 1) for line in missing.splitlines())
    assert {name for name, reason in lines.items() if reason.strip() == kept} >= {"namespaces", "PID 1"}
    assert "\nnamespaces\n" not in body
    assert "\nmounts\n" in body
    assert "\ncontrol groups\n" in body
    assert "root in its user namespace" not in body


@pytest.mark.root
def test_a_proc_that_hides_others_says_so(tmp_path):
    script = "from pathlib import Path; from course.processes.linux.observing import observe; observe({}, Path({!r}))"
    user = ["setpriv", "--reuid", "54321", "--regid", "54321", "--clear-groups", sys.executable, "-c"]
    mounted = 'mount --make-rprivate / && mount -t proc -o hidepid=1 proc "$1" && shift && exec "$@"'
    script = script.format(os.getpid(), "/mnt")
    command = ["unshare", "--mount", "sh", "-c", mounted, "sh", "/mnt", *user, script]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stderr.endswith(f"MachineError: /mnt shows this user no processes of others, such as {os.getpid()}.\n")


def test_where_no_proc_is_mounted_nothing_is_seen(tmp_path):
    with pytest.raises(MachineError, match=r"/here does not show this process"):
        observe(proc=tmp_path / "here")


# What a /proc made of files says


STATUS = """Name:\t{name}
State:\tS (sleeping)
Tgid:\t{pid}
Pid:\t{pid}
PPid:\t{parent}
Uid:\t1\t2\t3\t4
Gid:\t5\t6\t7\t8
NSpid:\t{pids}
CapEff:\t0000000000002001
Seccomp:\t2
NoNewPrivs:\t1
"""
FILES = {
    "mountinfo": "1 0 8:1 / / rw - ext4 /dev/sda rw\n",
    "cgroup": "0::/\n",
    "cmdline": "sleep\0001000\0",
    "uid_map": "0 0 4294967295\n",
    "gid_map": "0 0 4294967295\n",
    "stat": "{pid} (a) b) S 1 1 1 0 -1 4194304 0\n",
}


class FakeProc:
    """A folder like /proc, in which process 10 is the observer, 1 the first one."""

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir()
        self.add(1, 0)
        self.add(10, 1)
        (folder / "self").symlink_to("10")

    def add(self, pid, parent=1, pids=None, name="sleep", namespaces=None, **files):
        folder = self.folder / str(pid)
        (folder / "ns").mkdir(parents=True)
        status = STATUS.format(name=name, pid=pid, parent=parent, pids=pids or pid)
        for file, text in ({"status": status} | FILES | files).items():
            (folder / file).write_bytes(os.fsencode(text.replace("{pid}", str(pid))))
        for kind in KINDS:
            (folder / "ns" / kind).symlink_to(f"{kind}:[{(namespaces or {}).get(kind, 4026531835)}]")
        return folder

    def observe(self, pid=None):
        return observe(pid, self.folder)


@pytest.fixture
def fake(tmp_path):
    return FakeProc(tmp_path / "proc")


def test_a_status_is_read_as_proc_writes_it(fake):
    fake.add(20, 10)
    seen = fake.observe(20)
    assert (seen.parent, seen.uid, seen.gid, seen.seccomp, seen.no_new_privs) == (10, 2, 6, "filter", True)
    assert seen.capabilities["effective"] == ("CAP_CHOWN", "CAP_NET_RAW")
    assert seen.capabilities["ambient"] == ()
    assert seen.missing == {}
    assert seen == fake.observe(20)
    assert fake.observe().pid == 10


def test_root_of_a_user_namespace_is_who_the_map_says(fake):
    fake.add(20, namespaces={"user": 7}, uid_map="0 1000 1\n1 100000 65536\n")
    fake.add(21, namespaces={"user": 7}, uid_map="0 4294967295 1\n")
    fake.add(22, namespaces={"user": 7}, uid_map="5 1000 1\n")
    fake.add(23, uid_map="0 1000 1\n")
    assert [fake.observe(pid).root_is for pid in (20, 21, 22, 23)] == [1000, None, None, 0]
    assert [ids.count for ids in fake.observe(20).uid_map] == [1, 65536]
    assert "root in its user namespace is nobody here" in str(fake.observe(21))


def test_a_kernel_thread_has_no_command_line(fake):
    fake.add(20, name="kthreadd", cmdline="", stat="20 (kthreadd) S 0 0 0 0 -1 2129984 0\n")
    fake.add(21, name="bare", cmdline="")
    assert fake.observe(20).command == "[kthreadd]"
    assert "a thread of the kernel" in fake.observe(20).missing["command line"]
    assert fake.observe(21).missing == {}


def test_the_processes_of_a_pid_namespace_are_those_that_have_it(fake):
    fake.add(20, 10, "20 1", namespaces={"pid": 7})
    fake.add(21, 20, "21 2", namespaces={"pid": 7}, cmdline="sh\0-c\0x y\0")
    fake.add(22, 1, "22 9", namespaces={"pid": 7})  # as by docker exec: its parent is outside
    fake.add(23, 10, "23 1", namespaces={"pid": 8})
    fake.add(24, 21, "24 3 1", namespaces={"pid": 9})
    found = [(each.inside, each.outside, each.command) for each in fake.observe(21).processes]
    assert found == [(1, 20, "sleep 1000"), (2, 21, "sh -c x y"), (9, 22, "sleep 1000")]
    assert [each.outside for each in fake.observe(10).processes] == [10]


def test_limits_of_version_1_are_those_of_the_group_and_of_the_ones_above_it(fake, tmp_path):
    top = tmp_path / "fs"
    for path, text in {
        "memory/memory.limit_in_bytes": "9223372036854771712\n",
        "memory/a/memory.limit_in_bytes": "67108864\n",
        "memory/a/b/memory.limit_in_bytes": "9223372036854771712\n",
        "pids/a/pids.max": "100\n",
        "pids/a/b/pids.max": "max\n",
        "cpu/a/b/cpu.cfs_quota_us": "25000\n",
        "cpu/a/b/cpu.cfs_period_us": "50000\n",
        "cpu/a/cpu.cfs_quota_us": "-1\n",
        "cpu/a/cpu.cfs_period_us": "100000\n",
        "freezer/a/b/freezer.self_freezing": "1\n",
        "freezer/a/freezer.self_freezing": "0\n",
    }.items():
        (top / path).parent.mkdir(parents=True, exist_ok=True)
        (top / path).write_text(text)
    mounts = [(name, name) for name in ("memory", "freezer", "cpu,cpuacct", "pids")]
    shutil.move(top / "cpu", top / "cpu,cpuacct")
    lines = [f"{n} 0 0:{n} / {top}/{name} rw - cgroup cgroup rw,{own}" for n, (name, own) in enumerate(mounts)]
    (fake.folder / "10" / "mountinfo").write_text("\n".join(lines))
    fake.add(20, cgroup="9:cpu,cpuacct:/a/b\n5:name=systemd:/x:y\n4:memory:/a/b\n3:pids:/a/b\n2:freezer:/a/b\n")
    groups = {group.title: group for group in fake.observe(20).groups}
    limits = {title: [(each.what, each.value, each.group) for each in group.limits] for title, group in groups.items()}
    assert limits == {
        "freezer": [("frozen", 1, "/a/b")],
        "pids": [("pids", 100, "/a")],
        "memory": [("memory", 67108864, "/a")],
        "name=systemd": [],
        "cpu,cpuacct": [("cpus", 0.5, "/a/b")],
    }
    assert (groups["name=systemd"].path, groups["name=systemd"].directory) == ("/x:y", "")
    assert groups["memory"].directory == f"{top}/memory/a/b"
    assert {group.version for group in groups.values()} == {1}
    assert "  memory        /a/b  memory 64 MiB in /a\n" in str(fake.observe(20))


def test_limits_of_version_2_are_found_where_a_part_of_the_hierarchy_is_mounted(fake, tmp_path):
    group = tmp_path / "fs 2" / "libpod" / "container"
    group.mkdir(parents=True)
    for name, text in {"memory.max": "max", "pids.max": "7", "cpu.max": "150000 100000", "cgroup.freeze": "0"}.items():
        (group / name).write_text(text + "\n")
    (group.parent / "memory.max").write_text("1048576\n")
    point = f"{tmp_path}/fs\\0402"
    (fake.folder / "10" / "mountinfo").write_text(f"1 0 0:1 /machine {point} rw - cgroup2 cgroup2 rw\n")
    fake.add(20, cgroup="0::/machine/libpod/container\n")
    (seen,) = fake.observe(20).groups
    assert (seen.version, seen.directory) == (2, str(group))
    found = [(limit.what, limit.value, limit.group) for limit in seen.limits]
    above = "/machine/libpod"
    assert found == [("cpus", 1.5, f"{above}/container"), ("pids", 7, f"{above}/container"), ("memory", 2**20, above)]


@pytest.mark.parametrize("path", ["/machines/x", "/../x", "/"])
def test_a_group_that_cannot_be_reached_from_here_has_no_directory(fake, tmp_path, path):
    (fake.folder / "10" / "mountinfo").write_text(f"1 0 0:1 /machine {tmp_path} rw - cgroup2 cgroup2 rw\n")
    fake.add(20, cgroup=f"0::{path}\n")
    (seen,) = fake.observe(20).groups
    assert (seen.path, seen.directory, seen.limits) == (path, "", ())
    assert "not found here" in str(fake.observe(20))


OVERLAY = "5 1 0:43 / {point} rw - overlay overlay rw,lowerdir=l/AAA:l/BBB,upperdir=f00/diff,workdir=f00/work\n"


def test_docker_s_short_names_of_layers_lead_to_their_directories(fake, tmp_path):
    driver = tmp_path / "root" / "var" / "lib" / "docker" / "overlay2"
    (driver / "l").mkdir(parents=True)
    (driver / "l" / "AAA").symlink_to("../f00-init/diff")
    (driver / "l" / "BBB").symlink_to("../ba5e/diff")
    shim = fake.add(15, mountinfo=OVERLAY.format(point="/var/lib/docker/overlay2/f00/merged"))
    (shim / "root").symlink_to(tmp_path / "root")
    fake.add(20, 15, mountinfo=OVERLAY.format(point="/"))
    (entry,) = fake.observe(20).overlays
    assert [layer.given for layer in entry.overlay.lower] == ["l/AAA", "l/BBB"]
    paths = ["/var/lib/docker/overlay2/f00-init/diff", "/var/lib/docker/overlay2/ba5e/diff"]
    assert [layer.path for layer in entry.overlay.lower] == paths
    assert entry.overlay.upper.path == "/var/lib/docker/overlay2/f00/diff"
    text = str(fake.observe(20))
    assert text.index("f00/diff") < text.index("f00-init/diff") < text.index("ba5e/diff")


def test_a_relative_layer_that_nobody_tells_the_place_of_has_no_path(fake):
    fake.add(15, mountinfo=OVERLAY.format(point="/elsewhere/merged"))
    fake.add(20, 15, mountinfo=OVERLAY.format(point="/"))
    assert [layer.path for layer in fake.observe(20).overlays[0].overlay.lower] == ["", ""]


HOSTILE = {
    "mountinfo": ["nonsense", "1 0 8:1 / / rw ext4 /dev/sda rw", "x 0 8:1 / / rw - ext4 a rw", "1 0 8:1 / / rw - ext4"],
    "uid_map": ["0 0", "a b c", "0 0 1 1"],
    "gid_map": ["-"],
    "status": [
        "",
        "Name: x",
        STATUS.replace("{pids}", "x"),
        STATUS.replace("2\t3", "z\t3"),
        STATUS.replace("2001", "g"),
    ],
    "cgroup": ["nonsense", "x:memory:/"],
}


@pytest.mark.parametrize(("name", "text"), [(name, text) for name, texts in HOSTILE.items() for text in texts])
def test_a_file_that_the_kernel_did_not_write_so_is_refused_in_one_sentence(fake, name, text):
    text = text.format(name="x", pid=20, parent=1, pids=20) if name == "status" else text
    fake.add(20, **{name: text + "\n"})
    with pytest.raises(MachineError, match=rf"/20/{name} is not as the kernel writes it\.$"):
        fake.observe(20)


def test_so_is_a_namespace_and_a_limit(fake, tmp_path):
    link = fake.add(20) / "ns" / "mnt"
    link.unlink()
    link.symlink_to("mnt:[four]")
    with pytest.raises(MachineError, match=r"/20/ns/mnt is not as the kernel writes it\.$"):
        fake.observe(20)
    (tmp_path / "pids.max").write_text("many\n")
    (fake.folder / "10" / "mountinfo").write_text(f"1 0 0:1 / {tmp_path} rw - cgroup2 cgroup2 rw\n")
    fake.add(21)
    with pytest.raises(MachineError, match=r"^A file in .* is not as the kernel writes it"):
        fake.observe(21)


def test_nothing_that_a_process_calls_itself_reaches_the_terminal(fake):
    fake.add(20, name="\33[2J", cmdline="\33]0;x\7\0\udcff\n\u202e" + "a" * 10_000, cgroup="0::/\33[31m\n")
    text = str(fake.observe(20))
    assert all(character.isprintable() or character == "\n" for character in text)
    assert r"\x1b]0;x\x07 \xff\n\u202ea" in text
    assert len(text) < 2000


def test_a_part_that_this_kernel_does_not_have_is_missing_with_the_reason(fake):
    for name in ("cgroup", "uid_map"):
        (fake.folder / "10" / name).unlink()
    seen = fake.observe()
    assert seen.missing == {"control groups": os.strerror(errno.ENOENT), "ids": os.strerror(errno.ENOENT)}
    assert seen.groups == ()


def answer_while_read(file, action):
    """Let whoever reads a file wait, once, until something else is done."""
    text = file.read_bytes()
    file.unlink()
    os.mkfifo(file)

    def answer():
        with file.open("wb") as pipe:  # which waits for the reader
            file.unlink()
            file.write_bytes(text)
            action()
            pipe.write(text)

    threading.Thread(target=answer).start()


def test_a_process_that_ends_while_it_is_looked_at_is_told(fake):
    folder = fake.add(20)
    answer_while_read(folder / "cgroup", lambda: (folder / "status").unlink())
    with pytest.raises(MachineError, match=r"^Process 20 ended while it was looked at\.$"):
        fake.observe(20)


def test_so_is_one_that_becomes_a_zombie(fake):
    folder = fake.add(20)
    ended = (folder / "status").read_text().replace("S (sleeping)", "Z (zombie)")
    answer_while_read(folder / "cgroup", lambda: (folder / "status").write_text(ended))
    with pytest.raises(MachineError, match=r"^Process 20 ended while it was looked at\.$"):
        fake.observe(20)


def test_a_number_that_is_given_away_again_does_not_mix_two_processes(fake):
    folder = fake.add(20, name="first")

    def given_away():
        folder.rename(fake.folder / "gone")
        fake.add(20, name="second", cmdline="second\0", uid_map="0 666 1\n")

    answer_while_read(folder / "mountinfo", given_away)
    seen = fake.observe(20)
    assert (seen.name, seen.command) == ("first", "sleep 1000")
    assert fake.observe(20).name == "second"


def test_a_parent_that_ends_meanwhile_is_not_compared_with(fake):
    fake.add(15)
    folder = fake.add(20, 15)
    orphan = (folder / "status").read_text().replace("PPid:\t15", "PPid:\t1")
    answer_while_read(folder / "uid_map", lambda: (folder / "status").write_text(orphan))
    seen = fake.observe(20)
    assert seen.missing == {"parent": "it ended meanwhile"}
    assert {each.with_parent for each in seen.namespaces.values()} == {None}
    assert {each.with_init for each in seen.namespaces.values()} == {True}


def test_a_process_is_found_by_its_name_or_its_program_s(fake):
    fake.add(20, name="web", cmdline="/usr/bin/python3\0app.py\0")
    fake.add(21, name="other", cmdline="")
    assert process_named("web", fake.folder) == process_named("python3", fake.folder) == 20
    assert process_named("other", fake.folder) == 21
    assert process_named("0020", fake.folder) == 20
    fake.add(22, name="x")
    with pytest.raises(MachineError, match=r"3 processes are called sleep: 1, 10, 22\. Give the PID of one\."):
        process_named("sleep", fake.folder)
    with pytest.raises(MachineError, match=r"called pyton3\. Did you mean python3\?$"):
        process_named("pyton3", fake.folder)
    for name, said in {"\n": r"\\n", "9" * 5000: "9+"}.items():
        with pytest.raises(MachineError, match=rf"called {said}\.$"):
            process_named(name, fake.folder)
