"""Control groups: on this machine's own hierarchies, in a user namespace, and on a recorded tree of version 2."""

import errno
import mmap
import os
import signal
import subprocess
import sys
import time
import uuid
from pathlib import Path

import pytest

from course.processes.linux import cgroup, cgroup_files, cgroups
from course.processes.linux.cgroup_files import NOT_ROOT, NOT_THERE, ONLY_V2, READ_ONLY, CannotLimit
from course.processes.linux.cgroups import Hierarchies, Parent, find, open_parent

MIB = 1 << 20
real = pytest.mark.usefixtures("nothing_is_left")
pytestmark = pytest.mark.linux
needs_root = pytest.mark.root


@pytest.fixture
def name():
    return f"course-test-{uuid.uuid4().hex[:8]}"


@pytest.fixture
def nothing_is_left(name):
    yield
    assert [folder for folder, _folders, _files in os.walk("/sys/fs/cgroup") if name in folder] == []


@pytest.fixture
def limiting(name, nothing_is_left):
    """A parent that can limit memory, processes and processors, in whatever version this machine has it."""
    parent = open_parent(find(), name)
    if not parent.can.issuperset(cgroups.ALL):
        parent.remove()
        pytest.skip(f"left out: needs control groups ({parent.why})")
    yield parent
    parent.remove()


@pytest.fixture(params=["v1", "v2"])
def freezing(request, name, nothing_is_left):
    """A parent that can freeze, in each version that this machine has."""
    there = find()
    hierarchies = Hierarchies(there.v1) if request.param == "v1" else Hierarchies({}, there.v2, there.top)
    parent = open_parent(hierarchies, name)
    if "freezer" not in parent.can:
        parent.remove()
        pytest.skip(f"left out: needs control groups, {request.param} ({parent.why})")
    yield parent
    parent.remove()


@pytest.fixture
def start():
    """Start a script (str) that waits for a line before it goes on from the word GO."""
    started = []

    def start(script, group=None):
        script = script.replace("GO", "sys.stdin.readline()")
        command = [sys.executable, "-I", "-S", "-c", f"import os, sys, time\n{script}"]
        child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        started.append(child)
        if group is not None:
            group.add(child.pid)
            child.stdin.write("go\n")
            child.stdin.flush()
        return child

    yield start
    for child in started:
        child.kill()
        child.communicate()


def eventually(fact):
    end = time.monotonic() + 30
    while not fact():
        assert time.monotonic() < end
        time.sleep(0.002)


# what is mounted where


def found(tmp_path, mountinfo, own):
    (tmp_path / "mountinfo").write_text(mountinfo)
    (tmp_path / "cgroup").write_text(own)
    return find("/sys/fs/cgroup", str(tmp_path / "mountinfo"), str(tmp_path / "cgroup"))


def test_each_version_1_controller_has_a_group_of_its_own(tmp_path):
    there = found(
        tmp_path,
        "30 25 0:26 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n"
        "31 25 0:27 / /sys/fs/cgroup/mem\\040ory rw shared:9 - cgroup cgroup rw,memory\n"
        "32 25 0:28 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw,nsdelegate\n"
        "33 25 0:29 / /sys/fs/cgroup/net rw - cgroup  rw,net_cls\n",
        "4:cpu,cpuacct:/user.slice\n3:memory:/a:b\n0::/init.scope\n",
    )
    assert there.v1 == {"cpu": "/sys/fs/cgroup/cpu,cpuacct/user.slice", "memory": "/sys/fs/cgroup/mem ory/a:b"}
    assert (there.v2, there.top) == ("/sys/fs/cgroup/unified/init.scope", "/sys/fs/cgroup/unified")


def test_in_a_container_the_mount_begins_at_its_own_group(tmp_path):
    line = "30 25 0:26 {} /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
    assert found(tmp_path, line.format("/docker/12"), "3:memory:/docker/12\n").v1 == {"memory": "/sys/fs/cgroup/memory"}
    assert found(tmp_path, line.format("/docker/12"), "3:memory:/docker/123\n").v1 == {}
    assert found(tmp_path, line.format("/"), "3:memory:/../other\n").v1 == {}  # outside the cgroup namespace
    assert found(tmp_path, line.format("/").replace("/sys/", "/tmp/"), "3:memory:/\n").v1 == {}


def test_where_nothing_is_mounted_nothing_can_be_limited(tmp_path):
    parent = open_parent(find(mounts=str(tmp_path / "no file")), "course-test")
    assert (parent.can, parent.why) == (frozenset(), NOT_THERE)
    group = parent.make("c")
    group.add(os.getpid())
    assert (group.pids(), group.limits(), group.usage(), group.kill()) == ([], {}, {}, False)
    for limit in ({"memory": MIB}, {"pids": 3}, {"cpus": 1.5}):
        with pytest.raises(CannotLimit, match=f"^cannot limit {next(iter(limit))}: no such control group controller"):
            parent.make("c", **limit)
    with pytest.raises(CannotLimit, match=r"^cannot freeze it: no such"):
        group.freeze()
    group.remove()
    parent.remove()


# limits that are kept


@needs_root
def test_a_process_that_wants_more_memory_than_it_may_have_is_killed(limiting, start):
    group = limiting.make("hog", memory=40 * MIB, memory_swap=40 * MIB)
    hog = start("GO\nheap = bytearray(200 << 20)", group)
    assert hog.wait() == -signal.SIGKILL
    assert group.usage()["oom_kills"] == 1
    assert group.limits()["memory"] == 40 * MIB
    group.remove()


@needs_root
def test_a_process_beyond_the_limit_is_refused_with_eagain(limiting, start):
    group = limiting.make("forks", pids=3)
    child = start(
        """GO
try:
    for _ in range(10):
        if os.fork() == 0: time.sleep(60)
except OSError as error:
    print(error.errno, flush=True)
time.sleep(60)""",
        group,
    )
    assert int(child.stdout.readline()) == errno.EAGAIN
    assert (group.usage()["pids"], len(group.pids())) == (3, 3)  # what it started is in the group, too
    for pid in group.pids():
        os.kill(pid, signal.SIGKILL)
    child.wait()
    group.remove()


@needs_root
def test_a_group_with_a_part_of_a_processor_is_throttled(limiting, start):
    group = limiting.make("spins", cpus=0.05)
    child = start("GO\nwhile True: pass", group)
    assert group.limits()["cpus"] == 0.05
    statistics = Path(group.made["cpu"], "cpu.stat")
    eventually(lambda: cgroup_files.table(statistics.read_text())["nr_throttled"] > 2)
    child.kill()
    child.wait()
    group.remove()


@needs_root
def test_limits_are_read_back_and_changed_up_and_down(limiting, start):
    group = limiting.make("all", memory=64 * MIB, memory_swap=96 * MIB, memory_reservation=16 * MIB, cpus=1.5, pids=7)
    first = {"memory": 64 * MIB, "memory_swap": 96 * MIB, "memory_reservation": 16 * MIB, "cpus": 1.5, "pids": 7}
    assert group.limits() == first
    for memory in (128, 32):
        group.update(memory=memory * MIB, memory_swap=(memory + 16) * MIB)
        assert group.limits() == first | {"memory": memory * MIB, "memory_swap": (memory + 16) * MIB}
    group.update(memory_swap=-1, pids=3)
    assert group.limits() == first | {"memory": 32 * MIB, "memory_swap": 0, "pids": 3}
    group.update(memory_swap=33 * MIB)
    assert group.limits()["memory_swap"] == 33 * MIB
    group.remove()


@needs_root
def test_a_first_limit_on_a_group_that_runs_holds_for_all_that_is_in_it(limiting, start):
    group = limiting.make("later")
    child = start("GO\nprint(os.fork() and 1, flush=True)\ntime.sleep(60)", group)
    child.stdout.readline()
    eventually(lambda: len(group.pids()) == 2)
    group.update(pids=1)
    assert sorted(map(int, Path(group.made["pids"], "cgroup.procs").read_text().split())) == group.pids()
    assert group.usage()["pids"] == 2
    for pid in group.pids():
        os.kill(pid, signal.SIGKILL)
    child.wait()
    group.remove()


@needs_root
@pytest.mark.parametrize(
    ("limits", "named"),
    [
        ({"memory": 64 * MIB, "cpus": 1e12}, "cannot limit cpus: Invalid argument"),
        ({"cpus": 1, "pids": 1 << 40}, "cannot limit pids: Invalid argument"),
        ({"cpus": 0.001}, "cannot limit cpus: the kernel knows no limit as small as that"),
        ({"pids": -1}, "cannot limit pids: the kernel knows no limit as small as that"),
        ({"memory_swap": MIB}, "cannot limit memory_swap: it is memory and swap together"),
        ({"memory": 2 * MIB, "memory_swap": MIB}, "cannot limit memory_swap: it is memory and swap together"),
    ],
)
def test_what_the_kernel_refuses_is_named_and_leaves_no_group(limiting, limits, named):
    with pytest.raises(CannotLimit) as refused:
        limiting.make("x", **limits)
    assert str(refused.value).startswith(named)
    assert limiting.leftovers() == []


@needs_root
def test_a_step_that_fails_takes_back_the_ones_before_it(limiting):
    os.mkdir(f"{limiting.places['pids']}/x")
    with pytest.raises(FileExistsError):
        limiting.make("x", memory=MIB, pids=3)
    assert os.listdir(limiting.places["pids"]).count("x") == 1
    assert not os.path.exists(f"{limiting.places['freezer']}/x")
    limiting.sweep()
    assert limiting.leftovers() == []


@pytest.mark.parametrize("id", ["", ".", "..", "../x", "a/b", "helper"])
def test_a_group_has_a_plain_name(id):  # noqa: A002
    with pytest.raises(ValueError, match="cannot be the name of a control group"):
        Parent({}, "", {}).make(id)


# frozen and killed


@needs_root
def test_frozen_processes_make_no_progress_and_go_on_when_thawed(freezing, start, tmp_path):
    (tmp_path / "count").write_bytes(bytes(8))
    group = freezing.make("counts")
    script = f"import mmap\nGO\nfd = os.open({str(tmp_path / 'count')!r}, os.O_RDWR)\nroom = mmap.mmap(fd, 8)\n"
    child = start(script + "for n in range(1 << 60): room[:] = n.to_bytes(8, 'big')", group)
    with open(tmp_path / "count", "rb") as file, mmap.mmap(file.fileno(), 8, prot=mmap.PROT_READ) as room:
        for _ in range(3):
            before = room[:]
            eventually(lambda: room[:] > before)  # noqa: B023 (called at once)
            group.freeze()
            before = room[:]
            time.sleep(0.05)
            assert room[:] == before
            group.freeze()  # already so
            group.thaw()
    child.kill()
    child.wait()
    group.remove()


@needs_root
def test_what_joins_a_frozen_group_is_frozen(freezing, start):
    group = freezing.make("cold")
    group.freeze()
    child = start("GO\nprint('went on', flush=True)", group)
    os.set_blocking(child.stdout.fileno(), False)
    time.sleep(0.05)
    assert child.stdout.readline() == ""
    group.thaw()
    os.set_blocking(child.stdout.fileno(), True)
    assert child.stdout.readline() == "went on\n"
    child.wait()
    group.remove()


@needs_root
def test_a_group_that_does_not_freeze_in_time_goes_on(freezing, start, monkeypatch):
    group = freezing.make("slow")
    child = start("GO\nprint('up', flush=True)\nwhile True: time.sleep(0.001)", group)
    child.stdout.readline()
    monkeypatch.setattr(cgroup, "FREEZING", -1)
    monkeypatch.setattr(cgroup.Group, "_is_frozen", lambda group, directory: False)
    with pytest.raises(TimeoutError):
        group.freeze()
    monkeypatch.undo()
    eventually(lambda: not group._is_frozen(group.made["freezer"]))
    child.kill()
    child.wait()
    group.remove()


@needs_root
def test_version_2_kills_what_is_frozen_and_counts_its_time(freezing, start):
    if "kill" not in freezing.can:
        assert freezing.reasons["kill"] == ONLY_V2
        assert freezing.make("x").kill() is False
        freezing.sweep()
        return
    group = freezing.make("doomed")
    child = start("GO\nfor _ in range(3): os.fork()\ntime.sleep(60)", group)
    eventually(lambda: len(group.pids()) == 8)
    group.freeze()
    assert group.kill() is True
    assert child.wait() == -signal.SIGKILL
    assert group.usage()["cpu"] > 0
    group.remove()


# removed and swept


@needs_root
def test_a_group_in_use_is_not_removed_and_one_that_is_gone_is_no_error(freezing, start, monkeypatch):
    monkeypatch.setattr(cgroup_files, "ENDING", 0)
    group = freezing.make("used")
    child = start("GO\ntime.sleep(60)", group)
    for remove in (group.remove, freezing.remove):
        with pytest.raises(OSError, match="busy") as refused:
            remove()
        assert refused.value.errno == errno.EBUSY
    freezing.sweep()
    assert freezing.leftovers() == ["used"]
    assert freezing.group("used").pids() == [child.pid]  # as another process finds it
    child.kill()
    child.wait()
    monkeypatch.undo()
    group.remove()
    group.remove()
    assert (group.usage(), group.limits(), group.pids()) == ({}, {}, [])
    assert freezing.leftovers() == []
    freezing.remove()
    freezing.remove()
    assert freezing.leftovers() == []


@needs_root
def test_opening_a_parent_again_finds_its_groups(freezing):
    freezing.make("one")
    freezing.make("two")
    again = Parent(dict(freezing.places), freezing.unified, dict(freezing.reasons))
    assert again.leftovers() == ["one", "two"]
    again.sweep()
    assert freezing.leftovers() == []


# given to another user

HELPER = """
import os, sys, time
from course.processes.linux.cgroups import CannotLimit, Parent
from course.processes.linux.syscalls import CLONE_NEWUSER, unshare
sys.stdin.readline()
unshare(CLONE_NEWUSER)
print("new", flush=True)
sys.stdin.readline()
os.setresgid(0, 0, 0); os.setresuid(0, 0, 0)
parent = Parent(PLACES, UNIFIED, REASONS)
group = parent.make("c", **LIMITS)
heard, said = os.pipe()
child = os.fork()
if child == 0:
    os.read(heard, 1)
    os.setresuid(77, 77, 77)
    os.fork()
    time.sleep(60)
    os._exit(0)
group.add(child)
try:
    with open(next(iter(parent.places.values())) + "/cgroup.procs", "w") as file:
        file.write("1")
except OSError as error:
    print("another's process:", error.strerror, flush=True)
os.write(said, b"!")
while len(group.pids()) < 2:
    time.sleep(0.001)
print(group.limits(), flush=True)
group.freeze()
group.thaw()
for pid in group.pids():
    os.kill(pid, 9)
os.waitpid(child, 0)
group.remove()
print("ended", parent.leftovers(), flush=True)
"""


@needs_root
@pytest.mark.parametrize("version", ["all", "v2"])
def test_the_owner_in_its_user_namespace_limits_and_freezes_its_own_children(name, nothing_is_left, version):
    there = find()
    parent = open_parent(there if version == "all" else Hierarchies({}, there.v2, there.top), name, (100000, 100000))
    try:
        if "freezer" not in parent.can:
            pytest.skip(f"left out: needs control groups ({parent.why})")
        limits = {"pids": 9, "memory": 64 * MIB, "cpus": 0.5} if parent.can.issuperset(cgroups.ALL) else {}
        script = HELPER.replace("PLACES", repr(parent.places)).replace("UNIFIED", repr(parent.unified))
        script = script.replace("REASONS", repr(parent.reasons)).replace("LIMITS", repr(limits))
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        with subprocess.Popen([sys.executable, "-c", script], **pipes) as helper:
            parent.admit(helper.pid)
            helper.stdin.write("\n")
            helper.stdin.flush()
            assert helper.stdout.readline() == "new\n"
            for file in ("uid_map", "gid_map"):
                Path("/proc", str(helper.pid), file).write_text("0 100000 65536")
            helper.stdin.write("\n" * 10)
            helper.stdin.flush()
            lines = helper.stdout.read().splitlines()
        assert lines[0].startswith("another's process: ")
        assert lines[1].startswith(str({"memory": 64 * MIB})[:-1] if limits else "{}")
        assert lines[2] == "ended []"
    finally:
        parent.remove()


AS_USER = """
import sys
from course.processes.linux.cgroups import CannotLimit, find, open_parent
parent = open_parent(find(), sys.argv[1])
print(sorted(parent.can), parent.why)
parent.make("nothing").remove()
try:
    parent.make("c", memory=1 << 20)
except CannotLimit as error:
    print(error)
parent.remove()
"""


@needs_root
@real
@pytest.mark.peer("setpriv")
def test_an_ordinary_user_is_told_that_only_root_may(name):
    if not find().v1:
        pytest.skip("left out: needs control groups that are root's")
    somebody = ["setpriv", "--reuid", "54321", "--regid", "54321", "--clear-groups"]
    done = subprocess.run([*somebody, sys.executable, "-c", AS_USER, name], capture_output=True, text=True, check=False)
    if "ModuleNotFoundError" in done.stderr or "Permission denied" in done.stderr:
        pytest.skip("left out: needs a Python that other users may run")
    assert done.stdout.splitlines() == [f"[] {NOT_ROOT}", f"cannot limit memory: {NOT_ROOT}"], done.stderr


@needs_root
@real
@pytest.mark.peer("unshare", "mount")
def test_where_control_groups_are_read_only_it_says_so(name):
    points = [line.split()[4] for line in Path("/proc/self/mountinfo").read_text().splitlines() if " - cgroup" in line]
    mounts = "; ".join(f"mount -o remount,bind,ro {point}" for point in points)
    command = ["unshare", "--mount", "sh", "-c", f'{mounts}; exec "$@"', "sh", sys.executable, "-c", AS_USER, name]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [f"[] {READ_ONLY}", f"cannot limit memory: {READ_ONLY}"]
