"""What the probe finds, against what the machine's own tools find, and where there is no Linux at all."""

import errno
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from course.processes.linux import probe as probing
from course.processes.linux.probe import AS_ROOT, IN_USER_NAMESPACE, NAMESPACES, Capability, Probe, attempt, probe

DOCTOR = f"{sys.executable} -m course.cli doctor"


def works(*command):
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def shell(script, *wrapper):
    """Return what a script (str) prints, run by ``unshare`` with the options ``wrapper``."""
    command = ["unshare", *wrapper, "sh", "-c", script]
    return " ".join(subprocess.run(command, capture_output=True, text=True, check=True).stdout.split())


@pytest.fixture
def user_namespaces():
    if not works("unshare", "--user", "--map-root-user", "true"):
        pytest.skip("left out: needs user namespaces")


@pytest.mark.linux
@pytest.mark.peer("unshare")
def test_it_agrees_with_what_unshare_can_do():
    found = probe()
    options = ["--mount", "--pid", "--net", "--ipc", "--uts", "--cgroup"]
    assert found.can("user namespace") == works("unshare", "--user", "--map-root-user", "true")
    how = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    assert [found.can(name) for name in NAMESPACES] == [
        works("unshare", *how, "--fork", each, "true") for each in options
    ]
    assert found.can("fresh /proc") == works("unshare", *how, "--fork", "--pid", "--mount-proc", "true")


@pytest.mark.linux
@pytest.mark.peer("unshare", "mount")
def test_it_agrees_with_mount_on_overlays(tmp_path):
    found = probe()
    script = (
        f"mount -t tmpfs t {tmp_path} && cd {tmp_path} && mkdir l u w m && "
        "mount -t overlay o -o lowerdir=l,upperdir=u,workdir=w$0 m"
    )
    assert found.can(IN_USER_NAMESPACE) == works("unshare", "-Urm", "sh", "-c", script, ",userxattr")
    assert found.can(AS_ROOT) == works("unshare", "-m", "sh", "-c", script, "")


@pytest.mark.linux
def test_nothing_of_a_trial_is_left(monkeypatch, tmp_path):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    before = Path("/proc/self/mountinfo").read_text()
    attempt("user")
    attempt("root")
    assert Path("/proc/self/mountinfo").read_text() == before
    assert list(tmp_path.iterdir()) == []


@pytest.mark.linux
@pytest.mark.root
@pytest.mark.peer("unshare")
def test_a_trial_mounts_nothing_where_others_see_it():
    look = "cat /proc/self/mountinfo"
    trial = f"{sys.executable} -c 'from course.processes.linux.probe import attempt; attempt(\"root\")'"
    before, after = shell(f"{look}; {trial}; echo AFTER; {look}", "--mount", "--propagation", "shared").split(" AFTER ")
    assert after == before


@pytest.mark.linux
@pytest.mark.peer("unshare")
@pytest.mark.usefixtures("user_namespaces")
def test_where_user_namespaces_are_turned_off_it_names_the_setting():
    report = shell(f"echo 0 >/proc/sys/user/max_user_namespaces && {DOCTOR}", "--user", "--map-root-user")
    assert "✗ user namespace this machine allows no user namespaces: user.max_user_namespaces is 0" in report
    assert "→ `sudo sysctl user.max_user_namespaces=15000`" in report


@pytest.mark.linux
@pytest.mark.peer("unshare", "mount", "setpriv")
@pytest.mark.usefixtures("user_namespaces")
def test_where_a_part_of_proc_is_covered_it_says_so():
    script = f"mount -t tmpfs t /proc/irq && setpriv --bounding-set -sys_admin --inh-caps -sys_admin {DOCTOR}"
    report = shell(script, "--user", "--map-root-user", "--mount")
    assert "✗ fresh /proc parts of /proc are covered here" in report


@pytest.mark.linux
@pytest.mark.root
@pytest.mark.peer("unshare", "chroot", "mount")
def test_in_a_chroot_it_reports_what_the_kernel_said(tmp_path):
    script = f"mount --rbind / {tmp_path} && exec chroot {tmp_path} sh -c 'cd {Path.cwd()} && {DOCTOR}'"
    assert "✗ user namespace the kernel refuses: unshare: Operation not permitted" in shell(script, "--mount")


@pytest.mark.linux
@pytest.mark.root
@pytest.mark.peer("setpriv")
def test_an_ordinary_user_is_told_that_this_is_not_root():
    somebody = ["setpriv", "--reuid", "54321", "--regid", "54321", "--clear-groups"]
    if not works(*somebody, sys.executable, "-c", "import course.cli"):
        pytest.skip("left out: needs a Python that other users may run")
    done = subprocess.run([*somebody, *DOCTOR.split()], capture_output=True, text=True, check=True)
    assert "✗ overlay mount as root              this is not root" in done.stdout


@pytest.mark.linux
def test_root_without_its_capability_is_told_so(monkeypatch):
    monkeypatch.setattr(probing, "_contents", lambda path: "Name:\tpython\nCapEff:\t00000000a80425fb")
    monkeypatch.setattr(probing, "attempt", lambda kind: {"user namespace": ("unshare", errno.EPERM)})
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    found = {each.name: each for each in probe().capabilities}
    assert found[AS_ROOT].reason == "this root lacks CAP_SYS_ADMIN, as in a container"
    assert found["PID namespace"].reason == found["user namespace"].reason  # not tried, for want of the other


@pytest.mark.parametrize(
    ("setting", "content", "number", "words"),
    [
        ("/proc/sys/kernel/unprivileged_userns_clone", "0", errno.EPERM, "kernel.unprivileged_userns_clone is 0"),
        ("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1", errno.EACCES, "AppArmor restricts"),
        ("/proc/self/status", "Name:\tpython\nSeccomp:\t2\nSeccomp_filters:\t1", errno.EPERM, "a seccomp filter"),
        (
            "/proc/self/status",
            "Name:\tpython\nSeccomp:\t0",
            errno.EINVAL,
            "the kernel refuses: unshare: Invalid argument",
        ),
    ],
)
def test_a_known_setting_is_named_as_the_reason(monkeypatch, setting, content, number, words):
    monkeypatch.setattr(probing, "_contents", lambda path: content if path == setting else "")
    reason, _remedy = probing.explained("user namespace", "unshare", number)
    assert words in reason


def test_a_trial_that_is_killed_counts_as_a_refusal(monkeypatch):
    monkeypatch.setattr(probing, "_run", lambda *command: (-31, "", ""))
    assert attempt("user") == {"user namespace": ("trial", errno.EPERM)}


@pytest.mark.parametrize(
    ("system", "name"), [("darwin", "macOS"), ("win32", "Windows"), ("emscripten", "Pyodide"), ("freebsd15", "FreeBSD")]
)
def test_where_there_is_no_linux_nothing_is_tried_and_the_reason_is_said_once(monkeypatch, system, name):
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setattr("platform.system", lambda: "FreeBSD")
    monkeypatch.setattr(probing, "attempt", lambda kind: pytest.fail("a trial was started"))
    monkeypatch.setattr(probing, "_programs", list)
    found = probe()
    assert name in found.system
    assert not any(each.works for each in found.capabilities if "namespace" in each.name or "/proc" in each.name)
    assert found.verdict().startswith("Containers are simulated here: ")
    assert found.report().count("has no Linux kernel") == 2  # the verdict's, and that of the first capability


def test_programs_are_run_and_not_only_found(monkeypatch, tmp_path):
    for name, script in {"docker": "echo no daemon >&2; exit 1", "podman": "exit 0", "dot": "kill $$"}.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    found = {each.name: each for each in probing._programs()}
    assert found["podman"].works
    assert (found["docker"].works, found["docker"].reason) == (False, "no daemon")
    assert (found["dot"].works, found["dot"].reason) == (False, "it ended with status -15")
    shutil.rmtree(tmp_path)
    assert probing._programs()[0] == Capability("podman", False, "it is not installed", found["docker"].remedy)


def test_a_program_that_hangs_is_given_up(monkeypatch):
    monkeypatch.setattr(probing, "PATIENCE", 0.1)
    assert probing._answers("sleep", ["sleep", "60"], "").reason == "it did not answer within 0.1 s"


def test_the_verdict_prefers_root_then_a_user_namespace():
    names = ("user namespace", *NAMESPACES, IN_USER_NAMESPACE, AS_ROOT)
    assert "as root" in Probe("", tuple(Capability(name, True) for name in names)).verdict()
    assert "without root" in Probe("", tuple(Capability(name, name != AS_ROOT) for name in names)).verdict()
