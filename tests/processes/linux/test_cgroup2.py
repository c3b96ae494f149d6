"""What is written to control groups of version 2, on a tree of plain files that answers as cgroup-v2.rst says.

A machine that has version 1 too gives these controllers to that; only freezing and killing can be tried there for real
(``test_cgroups``).
"""

import errno
import os
from pathlib import Path

import pytest

from course.processes.linux import cgroup, cgroup_files, cgroups
from course.processes.linux.cgroup_files import IN_USE, NOT_ROOT, NOT_THERE, CannotLimit
from course.processes.linux.cgroups import ALL, Hierarchies, open_parent

MIB = 1 << 20
pytestmark = pytest.mark.linux
CORE = {  # what a new group has, whatever its controllers: recorded on Linux 6.18
    "cgroup.controllers": "",
    "cgroup.events": "populated 0\nfrozen 0\n",
    "cgroup.freeze": "0\n",
    "cgroup.kill": "",
    "cgroup.procs": "",
    "cgroup.subtree_control": "",
    "cgroup.threads": "",
    "cgroup.type": "domain\n",
    "cpu.stat": "usage_usec 1234\nuser_usec 1000\nsystem_usec 234\n",
}
CONTROLLED = {  # and what each controller adds, as cgroup-v2.rst has it
    "memory": {
        "memory.current": "4096\n",
        "memory.events": "low 0\nhigh 0\nmax 3\noom 1\noom_kill 1\noom_group_kill 0\n",
        "memory.high": "max\n",
        "memory.low": "0\n",
        "memory.max": "max\n",
        "memory.swap.max": "max\n",
    },
    "pids": {"pids.current": "2\n", "pids.max": "max\n"},
    "cpu": {"cpu.max": "max 100000\n", "cpu.weight": "100\n"},
}


class Kernel:
    """Plain files below ``top`` in place of the file system; ``written`` is what was written to them, in order."""

    def __init__(self, top, *, controllers="cpuset cpu memory pids"):
        self.top, self.written = str(top), []
        self.make(self.top)
        Path(top, "cgroup.controllers").write_text(f"{controllers}\n")
        for file in ("cgroup.events", "cgroup.freeze", "cgroup.kill"):  # which the root of the hierarchy has not
            Path(top, file).unlink()

    def make(self, directory, mode=0o755):
        os.makedirs(directory, mode) if directory == self.top else self.real_mkdir(directory, mode)
        above = Path(directory).parent / "cgroup.subtree_control"
        given = above.read_text().split() if directory != self.top else []
        for name, content in CORE.items():
            Path(directory, name).write_text(content)
        Path(directory, "cgroup.controllers").write_text(" ".join(given))
        for controller in given:
            for name, content in CONTROLLED.get(controller, {}).items():
                Path(directory, name).write_text(content)

    real_mkdir, real_rmdir = staticmethod(os.mkdir), staticmethod(os.rmdir)

    def remove(self, directory):
        if Path(directory, "cgroup.procs").exists() and Path(directory, "cgroup.procs").read_text():
            raise OSError(errno.EBUSY, os.strerror(errno.EBUSY), directory)
        if any(each.is_dir() for each in Path(directory).glob("*")):
            raise OSError(errno.EBUSY, os.strerror(errno.EBUSY), directory)
        for file in Path(directory).glob("*"):
            file.unlink()
        self.real_rmdir(directory)

    def write(self, path, text):
        folder, name = os.path.split(path)
        if not os.path.exists(path):
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)
        if name == "cgroup.subtree_control":
            if folder != self.top and Path(folder, "cgroup.procs").read_text():  # "No Internal Process Constraint"
                raise OSError(errno.EBUSY, os.strerror(errno.EBUSY), path)
            if text[1:] not in Path(folder, "cgroup.controllers").read_text().split():
                raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)
            given = Path(path).read_text().split()
            text = " ".join(sorted({*given, text[1:]}))
        if name == "cgroup.freeze":
            Path(folder, "cgroup.events").write_text(f"populated 1\nfrozen {text}\n")
        self.written.append((os.path.relpath(path, self.top), text))
        Path(path).write_text(f"{text}\n")


@pytest.fixture
def kernel(tmp_path, monkeypatch):
    kernel = Kernel(tmp_path / "cgroup")
    for module in (cgroup, cgroups):
        monkeypatch.setattr(module, "write", kernel.write)
    monkeypatch.setattr(os, "mkdir", kernel.make)
    monkeypatch.setattr(os, "rmdir", kernel.remove)
    monkeypatch.setattr(cgroup_files, "ENDING", 0)
    return kernel


def nested(kernel, path, pid="17"):
    """Make a group and those above it, as systemd does: each gives memory and pids; return it, with a process."""
    directory = kernel.top
    for name in path.split("/"):
        for controller in ("memory", "pids"):
            kernel.write(f"{directory}/cgroup.subtree_control", f"+{controller}")
        directory = f"{directory}/{name}"
        kernel.make(directory)
    Path(directory, "cgroup.procs").write_text(f"{pid}\n")
    kernel.written.clear()
    return directory


def test_a_group_at_the_root_of_the_hierarchy_can_have_it_all(kernel):
    parent = open_parent(Hierarchies({}, kernel.top, kernel.top), "course")
    assert parent.can == {*ALL, "kill"}
    assert parent.why == ""
    assert set(parent.places.values()) == {parent.unified} == {f"{kernel.top}/course"}
    given = [(path, text) for path, text in kernel.written if path.endswith("subtree_control")]
    assert [path for path, _text in given] == ["cgroup.subtree_control"] * 3 + ["course/cgroup.subtree_control"] * 3
    assert {text for _path, text in given[2::3]} == {"cpu memory pids"}  # no more than is wanted
    parent.admit(4)
    assert kernel.written[-1] == ("course/helper/cgroup.procs", "4")


def test_each_limit_is_written_once_before_a_process_is_in_it(kernel):
    parent = open_parent(Hierarchies({}, kernel.top, kernel.top), "course")
    kernel.written.clear()
    limits = {"memory": 64 * MIB, "memory_swap": 96 * MIB, "memory_reservation": 16 * MIB, "cpus": 1.5, "pids": 7}
    group = parent.make("c", **limits)
    group.add(23)
    assert kernel.written == [
        ("course/c/memory.max", "67108864"),
        ("course/c/memory.swap.max", "33554432"),  # swap alone
        ("course/c/memory.low", "16777216"),
        ("course/c/pids.max", "7"),
        ("course/c/cpu.max", "150000 100000"),
        ("course/c/cgroup.procs", "23"),
    ]
    assert group.limits() == limits
    assert group.usage() == {"memory": 4096, "oom_kills": 1, "pids": 2, "cpu": 1_234_000}
    kernel.written.clear()
    group.update(memory=200 * MIB, memory_swap=-1)
    assert sorted(kernel.written) == [("course/c/memory.max", "209715200"), ("course/c/memory.swap.max", "max")]
    assert group.limits() == limits | {"memory": 200 * MIB, "memory_swap": 0}


def test_without_limits_nothing_is_written_and_all_reads_as_none(kernel):
    parent = open_parent(Hierarchies({}, kernel.top, kernel.top), "course")
    kernel.written.clear()
    group = parent.make("c")
    assert kernel.written == []
    assert set(group.limits().values()) == {0}
    group.freeze()
    group.thaw()
    assert group.kill() is True
    assert kernel.written == [
        ("course/c/cgroup.freeze", "1"),
        ("course/c/cgroup.freeze", "0"),
        ("course/c/cgroup.kill", "1"),
    ]
    group.remove()
    parent.remove()
    assert not os.path.exists(parent.unified)


def test_a_group_with_processes_gives_no_controllers_so_the_nearest_above_that_does_is_used(kernel):
    own = nested(kernel, "user.slice/user-0.slice/session-1.scope")
    parent = open_parent(Hierarchies({}, own, kernel.top), "course")
    assert parent.unified == f"{kernel.top}/user.slice/user-0.slice/course"
    assert parent.can == {"memory", "pids", "freezer", "kill"}
    assert parent.reasons == {"cpu": IN_USE}  # nobody above gives that, and this is not the one to change it
    assert [path for path, _text in kernel.written] == ["user.slice/user-0.slice/course/cgroup.subtree_control"] * 2
    with pytest.raises(CannotLimit, match=r"^cannot limit cpus: the control group of this process gives no"):
        parent.make("c", memory=MIB, cpus=1)
    assert parent.leftovers() == []


def test_where_none_above_gives_controllers_it_can_freeze_at_least(kernel):
    for folder in ("a", "a/b"):
        kernel.make(f"{kernel.top}/{folder}")
    Path(kernel.top, "a/b/cgroup.procs").write_text("17\n")
    parent = open_parent(Hierarchies({}, f"{kernel.top}/a/b", kernel.top), "course")
    assert (parent.unified, parent.can) == (f"{kernel.top}/a/b/course", {"freezer", "kill"})
    assert set(parent.reasons.values()) == {IN_USE}


def test_a_kernel_without_a_controller_or_a_file_says_which(kernel):
    Path(kernel.top, "cgroup.controllers").write_text("memory\n")
    parent = open_parent(Hierarchies({}, kernel.top, kernel.top), "course")
    assert parent.reasons == {"pids": NOT_THERE, "cpu": NOT_THERE}
    CONTROLLED["memory"].pop("memory.swap.max")  # a kernel without swap
    try:
        with pytest.raises(CannotLimit, match=r"^cannot limit memory_swap: the kernel has no such limit here"):
            parent.make("c", memory=MIB, memory_swap=MIB)
        assert parent.leftovers() == []
    finally:
        CONTROLLED["memory"]["memory.swap.max"] = "max\n"


def test_where_another_owns_all_of_it_only_root_may(kernel, monkeypatch):
    own = nested(kernel, "user.slice/session-2.scope")

    def refused(directory, *_mode):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), directory)

    monkeypatch.setattr(os, "mkdir", refused)
    monkeypatch.setattr(cgroups, "write", refused)
    parent = open_parent(Hierarchies({}, own, kernel.top), "course")
    assert (parent.can, parent.unified, set(parent.reasons.values())) == (frozenset(), "", {NOT_ROOT})
    with pytest.raises(CannotLimit, match=r"^cannot limit pids: only root may make control groups here"):
        parent.make("c", pids=5)
    parent.remove()


def test_what_version_1_has_is_not_asked_of_version_2(kernel, tmp_path):
    parent = open_parent(Hierarchies(dict.fromkeys(ALL, str(tmp_path / "none")), kernel.top, kernel.top), "course")
    assert (parent.can, parent.unified, kernel.written) == (frozenset(), "", [])


@pytest.mark.root
def test_an_owner_gets_the_group_and_what_it_needs_to_make_others_but_not_its_limits(kernel):
    parent = open_parent(Hierarchies({}, kernel.top, kernel.top), "course", (100000, 100001))
    mine = {name for name in os.listdir(parent.unified) if os.stat(f"{parent.unified}/{name}").st_uid == 100000}
    assert mine == {"cgroup.procs", "cgroup.threads", "cgroup.subtree_control"}
    assert (os.stat(parent.unified).st_uid, os.stat(parent.unified).st_gid) == (100000, 100001)
    assert os.stat(f"{parent.unified}/memory.max").st_uid == os.geteuid()
