"""What was observed, as values: mount tables and overlays from their text, comparisons, and the text of it all."""

import dataclasses
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course.processes.mount_table import (
    LayerDirectory,
    OverlayMount,
    mount_entry,
    mount_table,
    overlay_mount,
    unescaped,
)
from course.processes.observed import ControlGroup, IdRange, Limit, Namespace, Observation, ObservedProcess

DOCKER = mount_entry(
    "629 628 0:83 / / rw,relatime master:1 - overlay overlay rw,"
    "lowerdir=/var/lib/docker/overlay2/l/AA:/var/lib/docker/overlay2/l/BB,"
    "upperdir=/var/lib/docker/overlay2/f00/diff,workdir=/var/lib/docker/overlay2/f00/work,nouserxattr"
)
VOLUME = mount_entry("640 629 8:1 /var/lib/docker/volumes/v/_data /data rw shared:7 - ext4 /dev/sda rw")
BOX = Observation(
    pid=4242,
    pids=(4242, 1),
    parent=4200,
    name="sleep",
    arguments=("sleep", "1000"),
    state="S (sleeping)",
    uid=100000,
    gid=100000,
    uid_map=(IdRange(0, 100000, 65536),),
    gid_map=(IdRange(0, 100000, 65536),),
    namespaces={
        "user": Namespace("user", 3, False, True, False),
        "net": Namespace("net", 2, True, True, True),
        "pid": Namespace("pid", 1, False, False, None),
        "uts": Namespace("uts", 4, False, False, False),
    },
    mounts=(DOCKER, VOLUME),
    groups=(
        ControlGroup(0, (), "/box", "/sys/fs/cgroup/box", (Limit("memory", 2**26, "/box"), Limit("pids", 9, "/"))),
        ControlGroup(4, ("cpu", "cpuacct"), "/box"),
    ),
    capabilities={"effective": ("CAP_CHOWN", "CAP_KILL")},
    seccomp="filter",
    processes=(ObservedProcess(1, 4242, "sleep 1000"), ObservedProcess(7, 4300, "sh")),
    missing={"PID 1": "the kernel keeps it"},
)
TEXT = """\
process 4242: sleep 1000
  PID           4242, 1 in its own PID namespace
  parent        4200
  state         S (sleeping)
  user          100000, group 100000; root in its user namespace is 100000 here
  capabilities  CAP_CHOWN CAP_KILL
  seccomp       filter
  no_new_privs  no

namespaces
  net   2  shared with the observer, its parent, PID 1
  pid   1  not shared, as far as it could be read
  user  3  shared with its parent
  uts   4  its own

overlay on /, from top to bottom
  upper           /var/lib/docker/overlay2/f00/diff
  lower           /var/lib/docker/overlay2/l/AA
  lower           /var/lib/docker/overlay2/l/BB
  work directory  /var/lib/docker/overlay2/f00/work

mounts
  /      overlay  overlay                                    rw,relatime  slave
  /data  ext4     /dev/sda[/var/lib/docker/volumes/v/_data]  rw           shared

control groups
  cgroup2      /box  memory 64 MiB; pids 9 in /
  cpu,cpuacct  /box  not found here

processes: PID in its own namespace, PID here, command
  1  4242  sleep 1000
  7  4300  sh

not read
  PID 1  the kernel keeps it"""


def octal(name):
    """Return a name (str) as the kernel writes it in a mount table."""
    return "".join(f"\\{ord(char):03o}" if char in ",= \t\n\\#" else char for char in name)


def test_an_observation_reads_as_tables():
    assert str(BOX) == TEXT


def test_kinds_in_common_are_those_with_the_same_inode():
    other = dataclasses.replace(BOX, namespaces={"net": Namespace("net", 2), "pid": Namespace("pid", 9)})
    assert BOX.shared(other) == other.shared(BOX) == ("net",)
    assert BOX.shared(BOX) == ("net", "pid", "user", "uts")
    assert dataclasses.replace(BOX) == BOX != other


def test_whose_root_it_is_stays_open_where_the_namespace_could_not_be_read():
    assert BOX.root_is == 100000
    for namespaces in ({}, {"user": Namespace("user", 3)}):
        assert dataclasses.replace(BOX, namespaces=namespaces).root_is is None


@pytest.mark.parametrize(
    ("limit", "words"),
    [
        (Limit("memory", 1000, "/"), "memory 1000 B"),
        (Limit("memory", 3 * 2**29, "/"), "memory 1536 MiB"),
        (Limit("memory_swap", 2**40, "/"), "memory_swap 1024 GiB"),
        (Limit("cpus", 1.5, "/"), "cpus 1.5"),
        (Limit("cpus", 1 / 3, "/"), "cpus 0.333"),
        (Limit("pids", 4194304, "/"), "pids 4194304"),
        (Limit("frozen", 1, "/"), "frozen"),
    ],
)
def test_a_limit_is_said_exactly(limit, words):
    assert str(limit) == words


@pytest.mark.parametrize(
    ("tags", "propagation"),
    [
        ("", "private"),
        ("shared:1 ", "shared"),
        ("master:2 ", "slave"),
        ("shared:1 master:2 ", "slave and shared"),
        ("master:2 propagate_from:3 ", "slave"),
        ("unbindable ", "unbindable"),
        ("of:the future ", "private"),
    ],
)
def test_optional_fields_say_how_mounts_spread(tags, propagation):
    entry = mount_entry(f"1 2 0:5 / /a rw,nosuid {tags}- tmpfs none rw,size=4k")
    assert entry.propagation == propagation
    assert (entry.kind, entry.options, entry.super_options) == ("tmpfs", ("rw", "nosuid"), ("rw", "size=4k"))


def test_a_mount_s_source_can_be_empty_and_its_names_can_be_anything():
    table = mount_table("1 2 0:5 /r\\134\\040 /a\\012b\\011\\043 rw - fuse.x\\040y  rw\n2 1 0:6 / /- rw - proc - rw\n")
    assert [(each.root, each.point, each.kind, each.source) for each in table] == [
        ("/r\\ ", "/a\nb\t#", "fuse.x y", ""),
        ("/", "/-", "proc", "-"),
    ]


def test_a_file_system_that_escapes_nothing_in_its_options_is_read_all_the_same():
    assert mount_entry("1 2 0:5 / /a rw - 9p none rw,path=/a b - c").super_options == ("rw", "path=/a b - c")


@pytest.mark.parametrize(
    "line",
    [
        "1",
        "1 2 0:5 / /a rw tmpfs none rw",
        "1 2 0:5 / /a rw -",
        "1 2 0:5 / /a rw - tmpfs none",
        "a 2 0:5 / /a rw - t n r",
        "- - - - - - - - -",
    ],
)
def test_a_line_that_is_none_of_a_mount_table_is_a_value_error(line):
    with pytest.raises(ValueError, match=r"[a-z]"):
        mount_table(f"1 2 0:5 / /a rw - tmpfs none rw\n{line}\n")


@given(st.text())
def test_any_other_text_is_a_table_or_a_value_error(text):
    try:
        mount_table(text)
    except ValueError:
        return
    assert not text.strip("\n") or " - " in text


NAMES = st.lists(st.text(st.characters(exclude_characters="\0/"), min_size=1, max_size=20), min_size=1, max_size=6)


@given(NAMES, st.booleans())
def test_layers_come_back_with_the_names_that_were_mounted(names, one_by_one):
    if one_by_one:
        options = ",".join(f"lowerdir+={octal(name)}" for name in names)
    else:
        given_names = [name.replace("\\", "\\\\").replace(":", "\\:").replace(",", "\\,") for name in names]
        options = "lowerdir=" + octal(":".join(given_names))
    upper = octal(names[0].replace("\\", "\\\\").replace("\n", "\\\n"))
    entry = mount_entry(f"1 2 0:5 / /a rw - overlay overlay ro,{options},upperdir={upper}")
    assert [layer.given for layer in entry.overlay.lower] == names
    assert entry.overlay.upper.given == names[0]
    assert entry.overlay.options == ("ro",)


def test_layers_that_hold_only_data_are_apart():
    for options in ("lowerdir=/a:/b::/c::/d", "lowerdir+=/a,lowerdir+=/b,datadir+=/c,datadir+=/d"):
        overlay = overlay_mount(tuple(options.split(",")))
        assert [layer.path for layer in overlay.lower] == ["/a", "/b"]
        assert [layer.path for layer in overlay.data_only] == ["/c", "/d"]
        assert (overlay.upper, overlay.work) == (None, None)


def test_an_escape_is_of_three_octal_digits_and_bytes_stay_bytes():
    assert unescaped(r"\1349\4009\12x\134040") == r"\9\4009\12x\040"
    assert unescaped("\udcff\\040\\377") == "\udcff \udcff"


def test_relative_layers_are_placed_where_docker_s_names_tell():
    overlay = OverlayMount((LayerDirectory.of("l/AA"), LayerDirectory.of("/abs")), LayerDirectory.of("f00/diff"))
    assert overlay.mounted_in("/docker/overlay2/f00/merged") == "/docker/overlay2"
    for point in ("/", "/merged", "/docker/overlay2/ba5/merged", "/docker/overlay2/f00", "f00/merged"):
        assert overlay.mounted_in(point) == ""
    placed = overlay.located("/d", {"/d/l/AA": "/d/aa/diff", "/abs": "/abs"}.get)
    assert [layer.path for layer in placed.lower] == ["/d/aa/diff", "/abs"]
    assert [layer.given for layer in placed.lower] == ["l/AA", "/abs"]
    assert [layer.path for layer in overlay.located("", str).lower] == ["", "/abs"]


def test_the_values_can_be_had_where_there_are_no_system_calls():
    lacking = ("ctypes", "subprocess", "fcntl", "pwd", "grp", "resource", "termios")
    modules = "course.processes.observed, course.processes.observed_text, course.processes.mount_table"
    script = f"import sys; sys.modules.update(dict.fromkeys({lacking})); import {modules}; print('had')"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("had\n", "")
