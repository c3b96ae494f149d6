"""Capabilities: names and numbers against the kernel's header, docker's options, and what a process has left."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from course.processes.linux.capabilities import ALL, DEFAULT, NAMES, mask, names, wanted

HEADER = Path("/usr/include/linux/capability.h")
ROOT = Path(__file__).parents[3]
HEAD = """
import json, os, sys
from course.processes.linux import syscalls
from course.processes.linux.capabilities import *
from course.processes.linux.capabilities import prctl

def enter():
    maps = {"setgroups": "deny", "uid_map": f"0 {os.geteuid()} 1", "gid_map": f"0 {os.getegid()} 1"}
    try:
        syscalls.unshare(syscalls.CLONE_NEWUSER)
        for name, text in maps.items():
            open(f"/proc/self/{name}", "w").write(text)
    except OSError as error:
        sys.exit(f"no user namespace: {error}")

def sets():
    lines = open("/proc/self/status").read().splitlines()
    return {line[3:6]: int(line[8:], 16) for line in lines if line.startswith("Cap")}

def show():
    print(json.dumps(sets()))
"""
SHOW = "import sys; print([line.split()[1] for line in open('/proc/self/status') if line.startswith('Cap')])"


def child(script, expect=0):
    """Return what a script prints, each line as JSON; it runs in a process of its own."""
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", HEAD + script], capture_output=True, text=True, check=False, env=env, cwd="/"
    )
    if done.stderr.startswith("no user namespace"):
        pytest.skip("left out: needs user namespaces")
    assert (done.returncode, done.stderr) == (expect, "")
    return [json.loads(line.replace("'", '"')) for line in done.stdout.splitlines()]


def last_cap():
    return int(Path("/proc/sys/kernel/cap_last_cap").read_text())


def test_the_numbers_are_the_kernels():
    if not HEADER.exists():
        pytest.skip("left out: needs linux/capability.h (linux-libc-dev)")
    known = re.findall(r"^#define CAP_(\w+)\s+(\d+)$", HEADER.read_text(), re.MULTILINE)
    assert dict(zip(NAMES, map(str, range(len(NAMES))), strict=True)) == dict(known)


def test_docker_gives_fourteen():
    assert len(names(DEFAULT)) == 14
    assert DEFAULT == 0xA80425FB  # CapBnd of a container of Docker, in every version


def test_names_make_a_set_and_a_set_has_names():
    assert names(mask(["CAP_KILL", "chown", "Cap_Bpf"])) == ["CAP_CHOWN", "CAP_KILL", "CAP_BPF"]
    assert mask(["ALL"]) == mask(["cap_all"]) == mask(names(ALL)) == ALL
    assert (mask([]), names(0)) == (0, [])
    assert names(1 << 63 | 1) == ["CAP_CHOWN"]


@pytest.mark.parametrize("name", ["", "CAP_", "SUPER", "CAP_CAP_KILL", "KILL ", "kill\0", "0"])
def test_what_is_no_name_is_refused(name):
    with pytest.raises(ValueError, match="unknown capability"):
        mask(["KILL", name])
    for add, drop in (([name], []), ([], [name]), (["ALL"], [name]), ([name], ["ALL"])):
        with pytest.raises(ValueError, match="unknown capability"):
            wanted(DEFAULT, add, drop)


@pytest.mark.parametrize(
    ("add", "drop", "whole"),
    [
        ([], [], DEFAULT),
        (["NET_ADMIN"], [], DEFAULT | mask(["NET_ADMIN"])),
        (["CAP_NET_ADMIN"], ["CAP_CHOWN", "kill"], DEFAULT & ~mask(["CHOWN", "KILL"]) | mask(["NET_ADMIN"])),
        (["CHOWN"], ["CHOWN"], DEFAULT),
        (["SYS_TIME"], ["ALL"], mask(["SYS_TIME"])),
        ([], ["ALL"], 0),
        ([], ["all", "CHOWN"], 0),
        (["ALL"], [], ALL),
        (["all"], ["CHOWN"], ALL & ~1),
        (["ALL"], ["ALL"], ALL),
        (["ALL", "CHOWN"], ["CHOWN"], ALL & ~1),
        (["cap_all"], ["CAP_ALL", "cap_chown"], ALL & ~1),
    ],
)
def test_options_change_the_default_as_docker_has_it(add, drop, whole):
    assert wanted(DEFAULT, add, drop) == whole
    assert wanted(DEFAULT, add, drop, privileged=True) == ALL


@pytest.mark.linux
def test_a_process_holds_what_it_was_limited_to_and_nothing_else_in_any_set():
    before, after, execed = child(f"""
enter()
syscalls.capset(ALL, ALL, ALL)  # all inheritable, and one ambient
prctl(syscalls.PR_CAP_AMBIENT, syscalls.PR_CAP_AMBIENT_RAISE, 0)
show()
limit_to(DEFAULT)
show()
sys.stdout.flush()
os.execv(sys.executable, [sys.executable, "-c", {SHOW!r}])
""")
    assert (before["Inh"], before["Amb"]) == (ALL & (2 << last_cap()) - 1, 1)
    assert after == {"Inh": 0, "Prm": DEFAULT, "Eff": DEFAULT, "Bnd": DEFAULT, "Amb": 0}
    assert [int(each, 16) for each in execed] == [0, DEFAULT, DEFAULT, DEFAULT, 0]


@pytest.mark.linux
def test_of_nothing_nothing_is_left_and_all_that_there_is_stays():
    (nothing,) = child("enter(); limit_to(0); show()")
    assert set(nothing.values()) == {0}
    (everything,) = child("enter(); limit_to(ALL); show()")
    whole = (2 << last_cap()) - 1
    assert everything == {"Inh": 0, "Prm": whole, "Eff": whole, "Bnd": whole, "Amb": 0}


@pytest.mark.linux
def test_capabilities_that_a_kernel_does_not_know_are_no_error():
    (after,) = child("""
import course.processes.linux.capabilities as module
def older(option, number=0, *rest):
    if number > 38:
        raise OSError(22, "Invalid argument", "prctl")
    return prctl(option, number, *rest)
module.prctl = older
enter(); limit_to(DEFAULT); show()
""")
    assert after["Bnd"] & (1 << 39) - 1 == DEFAULT
    assert after["Eff"] == DEFAULT


@pytest.mark.linux
def test_to_be_limited_twice_takes_no_privilege_and_gives_none_back():
    (after,) = child("enter(); limit_to(1); limit_to(3); show()")
    assert (after["Eff"], after["Bnd"]) == (1, 1)


@pytest.mark.linux
def test_without_the_right_to_it_narrowing_is_refused_and_nothing_changes():
    ((number, same),) = child("""
enter(); limit_to(ALL & ~mask(["SETPCAP"])); before = sets()
try:
    limit_to(1)
except OSError as error:
    print([error.errno, int(sets() == before)])
""")
    assert (number, same) == (1, 1)


@pytest.mark.linux
@pytest.mark.root
def test_an_ordinary_user_has_none_and_roots_bounds_stay():
    before, after = child("""
limit_bounding(DEFAULT)
show()
os.setgroups([]); os.setresgid(54321, 54321, 54321); os.setresuid(54321, 54321, 54321)
limit_held(DEFAULT)
show()
""")
    assert before["Bnd"] == DEFAULT
    assert after == {"Inh": 0, "Prm": 0, "Eff": 0, "Bnd": DEFAULT, "Amb": 0}


@pytest.mark.linux
@pytest.mark.root
def test_root_is_limited_as_well_to_no_more_than_it_holds():
    before, after = child("show(); limit_to(ALL); show()")
    assert after == before | {"Inh": 0, "Amb": 0}
    before, after = child("show(); limit_to(DEFAULT); show()")
    held = before["Prm"] & DEFAULT
    assert after == {"Inh": 0, "Prm": held, "Eff": held, "Bnd": held, "Amb": 0}
