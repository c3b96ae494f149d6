"""What the probe finds, against what the machine's own tools find, and where there is no Linux at all."""

import errno
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from course.processes.linux import probe as probing
from course.processes.linux.cgroup_files import NOT_ROOT, NOT_THERE, READ_ONLY
from course.processes.linux.probe import (
    AS_ROOT,
    FILTER,
    FRESH_PROC,
    IDS,
    IN_USER_NAMESPACE,
    LIMITS,
    NAMESPACES,
    PROGRAM,
    REAL,
    TERMINAL,
    Capability,
    Probe,
    attempt,
    probe,
    runtime,
)

DOCTOR = f"{sys.executable} -m course.cli doctor"
SOMEBODY = ["setpriv", "--reuid", "54321", "--regid", "54321", "--clear-groups"]
FILTERED = """
import os, platform, struct, sys
from course.processes.linux.syscalls import PR_SET_NO_NEW_PRIVS, SECCOMP_SET_MODE_FILTER, prctl, seccomp
machines = {"unshare": {"x86_64": 272, "aarch64": 97}, "pivot_root": {"x86_64": 155, "aarch64": 41}}
number, answer = machines[sys.argv[1]][platform.machine()], int(sys.argv[2], 16)
lines = ((0x20, 0, 0, 0), (0x15, 0, 1, number), (0x06, 0, 0, answer), (0x06, 0, 0, 0x7FFF0000))
prctl(PR_SET_NO_NEW_PRIVS, 1)
seccomp(SECCOMP_SET_MODE_FILTER, 0, b"".join(struct.pack("<HBBI", *line) for line in lines))
os.execv(sys.argv[3], sys.argv[3:])
"""


def works(*command):
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def shell(script, *wrapper):
    """Return what a script (str) prints, run by ``unshare`` with the options ``wrapper``."""
    command = ["unshare", *wrapper, "sh", "-c", script]
    return " ".join(subprocess.run(command, capture_output=True, text=True, check=True).stdout.split())


def filtered(call, answer):
    """Return what doctor says (str) where a seccomp filter gives ``call`` (str) an ``answer`` (str, hexadecimal)."""
    command = [sys.executable, "-c", FILTERED, call, answer, *DOCTOR.split()]
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
    for kind in ("user", "root", "limits"):
        attempt(kind)
    assert Path("/proc/self/mountinfo").read_text() == before
    assert list(tmp_path.iterdir()) == []
    assert [path for path, _folders, _files in os.walk("/sys/fs/cgroup") if "course-probe" in path] == []


@pytest.mark.linux
@pytest.mark.root
@pytest.mark.usefixtures("user_namespaces")
def test_a_folder_that_only_root_can_reach_will_do(monkeypatch, tmp_path):
    tmp_path.chmod(0o700)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert attempt("user")["program"] == ("", 0)


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
@pytest.mark.root
@pytest.mark.peer("unshare", "mount", "setpriv")
@pytest.mark.usefixtures("user_namespaces")
def test_where_a_part_of_proc_is_covered_containers_get_the_one_that_is_there():
    if not works(*SOMEBODY, sys.executable, "-c", "import course.cli"):
        pytest.skip("left out: needs a Python that other users may run")
    report = shell(f"mount -t tmpfs t /proc/irq && exec {' '.join(SOMEBODY)} {DOCTOR}", "--mount")
    assert "✗ fresh /proc parts of /proc are covered here" in report
    assert "✓ program in a container" in report
    assert (
        "without root: in a user namespace. Their /proc is the one that is here, and they can only read it." in report
    )


@pytest.mark.linux
@pytest.mark.parametrize("answer", ["00050001", "80000000"])  # EPERM, as container engines have it; killed
def test_a_filter_that_forbids_namespaces_leaves_the_simulation(answer):
    report = filtered("unshare", answer)
    assert "Containers are simulated here: a seccomp filter forbids it, as container engines set one" in report
    assert "✗ user namespace a seccomp filter forbids it" in report
    assert "→ run the course outside the container" in report


@pytest.mark.linux
@pytest.mark.parametrize("answer", ["00050001", "80000000"])
@pytest.mark.usefixtures("user_namespaces")
def test_what_fails_only_when_a_container_is_started_is_found_too(answer):
    report = filtered("pivot_root", answer)
    assert "✓ overlay mount in a user namespace" in report
    assert "✗ program in a container a seccomp filter forbids it" in report
    assert "Containers are simulated here: a seccomp filter forbids it, as container engines set one" in report


@pytest.mark.linux
@pytest.mark.parametrize(
    ("change", "name", "words"),
    [
        ("MACHINES.clear()", FILTER, "the course knows no system calls of this kind of machine"),
        ("MACHINES.clear()", PROGRAM, "the course knows no system calls of this kind of machine"),
        ("program = lambda: b'no program'", PROGRAM, "the kernel refuses: execve: Exec format error"),
        ("ANSWER = 41", PROGRAM, "the kernel refuses: program: Input/output error"),
        ("os.uname = lambda: type('', (), {'machine': 'x86_64'})", FILTER, "the kernel refuses: seccomp: "),
    ],
)
@pytest.mark.usefixtures("user_namespaces")
def test_each_part_of_a_container_is_seen_to_work(monkeypatch, change, name, words):
    if "x86_64" in change and os.uname().machine != "x86_64":
        pytest.skip("left out: needs x86_64")
    broken = f"from course.processes.linux import trial\nexec({change!r}, vars(trial))\ntrial.trial(*sys.argv[2:])"
    monkeypatch.setattr(probing, "TRIAL", f"import sys; sys.path.insert(0, sys.argv[1])\n{broken}")
    monkeypatch.setattr(probing, "_programs", list)
    found = probe()
    assert found.runtime == "simulated"
    assert {each.name: each for each in found.capabilities}[name].reason.startswith(words)


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
    if not works(*SOMEBODY, sys.executable, "-c", "import course.cli"):
        pytest.skip("left out: needs a Python that other users may run")
    done = subprocess.run([*SOMEBODY, *DOCTOR.split()], capture_output=True, text=True, check=True)
    report = " ".join(done.stdout.split())
    assert "✗ overlay mount as root this is not root" in report
    if works(*SOMEBODY, "unshare", "--user", "--map-root-user", "true"):
        assert "This machine can run containers for real, without root" in report
        assert "✗ 65,536 user ids a user namespace has only the user who starts the course → start the course" in report


@pytest.mark.linux
@pytest.mark.root
@pytest.mark.parametrize(
    ("reason", "remedy"), [(NOT_ROOT, "start the course as root"), (READ_ONLY, probing.OUTSIDE), (NOT_THERE, "")]
)
def test_a_limit_that_cannot_be_set_does_not_make_containers_less_real(monkeypatch, reason, remedy):
    monkeypatch.setattr(probing, "_programs", list)
    given = attempt

    def without_limits(kind):
        return dict.fromkeys(LIMITS.values(), (reason, errno.EPERM)) if kind == "limits" else given(kind)

    before = probe().runtime
    monkeypatch.setattr(probing, "attempt", without_limits)
    found = probe()
    assert found.runtime == before
    assert [(each.reason, each.remedy) for each in found.capabilities if each.name in LIMITS] == [(reason, remedy)] * 4


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
    monkeypatch.setattr(probing, "_run", lambda *command: (-31, '["user namespace", "", 0]\n', ""))
    outcomes = attempt("user")
    assert outcomes == {"user namespace": ("", 0)}
    found = probing.judged(PROGRAM, "program", outcomes)
    assert (found.works, found.reason[:12]) == (False, "the kernel r")


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


def able(*but):
    names = (*REAL, IDS, AS_ROOT, FRESH_PROC, TERMINAL, *LIMITS)
    return Probe(
        "", tuple(Capability(name, name not in but, "" if name not in but else f"no {name}") for name in names)
    )


def test_the_verdict_prefers_root_then_a_user_namespace():
    assert "as root" in able().verdict()
    assert "without root" in able(IDS).verdict()
    assert (
        able(FRESH_PROC).verdict().endswith("as root. Their /proc is the one that is here, and they can only read it.")
    )


@pytest.mark.parametrize("name", REAL)
def test_containers_are_real_only_where_all_of_one_works(name):
    assert able(name).runtime == "simulated"
    assert able(name, IDS, *LIMITS).verdict() == f"Containers are simulated here: no {name}."
    assert able(AS_ROOT, TERMINAL, *LIMITS).runtime == "linux"


def test_the_simulation_can_be_asked_for(monkeypatch):
    monkeypatch.setenv("COURSE_RUNTIME", "simulated")
    monkeypatch.setattr(probing, "attempt", lambda kind: pytest.fail("a trial was started"))
    monkeypatch.setattr(probing, "_programs", list)
    runtime.cache_clear()
    found = probe()
    assert (found.runtime, runtime()) == ("simulated", "simulated")
    assert found.verdict() == "Containers are simulated here: COURSE_RUNTIME=simulated asks for it."
    assert not any(each.works for each in found.capabilities)
    runtime.cache_clear()


@pytest.mark.linux
def test_a_program_that_only_wants_the_runtime_need_not_wait_for_the_rest(monkeypatch):
    monkeypatch.setattr(probing, "_programs", lambda: pytest.fail("programs were tried"))
    runtime.cache_clear()
    assert runtime() in ("linux", "simulated")
    monkeypatch.setattr(probing, "attempt", lambda kind: pytest.fail("it was tried again"))
    assert runtime() == runtime()
    runtime.cache_clear()
