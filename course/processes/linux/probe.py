"""The probe: what this machine can do for real, tried and never guessed, and why not the rest."""

import errno
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import textwrap
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from course.processes.linux.cgroup_files import NOT_ROOT, READ_ONLY
from course.words import _, shown

TRIAL = (
    "import sys; sys.path.insert(0, sys.argv[1]); from course.processes.linux.trial import trial; trial(*sys.argv[2:])"
)
PACKAGES = str(Path(__file__).parents[3])  # the folder that the course is in
PATIENCE = 20  # seconds that one trial may take
NAMESPACES = tuple(f"{kind} namespace" for kind in ("mount", "PID", "network", "IPC", "UTS", "cgroup"))
AS_ROOT, IN_USER_NAMESPACE = "overlay mount as root", "overlay mount in a user namespace"
IDS, FRESH_PROC, FILTER, TERMINAL = "65,536 user ids", "fresh /proc", "seccomp filter", "terminal"
PROGRAM = "program in a container"
LIMITS = {"memory limit": "memory", "process limit": "pids", "CPU limit": "cpu", "freezer": "freezer"}
REAL = ("user namespace", *NAMESPACES, IN_USER_NAMESPACE, FILTER, PROGRAM)  # what a real container needs
GATES = (  # without which others wait
    "user namespace",
    "mount namespace",
    "private mounts",
    "PID namespace",
    "tmpfs",
    "overlay",
    *NAMESPACES,
)
SHARED_PROC = _("Their /proc is the one that is here, and they can only read it.")
AS_ROOT_REMEDY = _("start the course as root")
OUTSIDE = _("run the course outside the container")

Outcomes = dict[str, tuple[str, int]]  # of each thing that was tried: the step that failed and its errno, or "" and 0


@dataclass(frozen=True)
class Capability:
    """One thing that a machine can do or not: its ``name`` (str); if not, why not, and what to do about it (str)."""

    name: str
    works: bool
    reason: str = ""
    remedy: str = ""


@dataclass(frozen=True)
class Probe:
    """What a machine can do: its ``system`` (str: Python and operating system), and each ``Capability`` in order.

    >>> toaster = Probe("Python 3.13 on a toaster", (Capability("user namespace", False, "it toasts", "eat"),))
    >>> print(toaster.report())
    Python 3.13 on a toaster
    Containers are simulated here: it toasts.
    <BLANKLINE>
      ✗ user namespace  it toasts
                        → eat
    """

    system: str
    capabilities: tuple[Capability, ...]

    def can(self, *names: str) -> bool:
        """Return whether all the capabilities with these ``names`` (str) work here (bool)."""
        return {each.name for each in self.capabilities if each.works}.issuperset(names)

    @property
    def runtime(self) -> str:
        """The runtime that containers get here (str): "linux", which is real, or "simulated"."""
        return "linux" if self.can(*REAL) else "simulated"

    def verdict(self) -> str:
        """Return in one sentence (str) whether containers run for real here, and if not, why not."""
        if self.runtime == "simulated":
            lack = next(each for each in self.capabilities if each.name in REAL and not each.works)
            return _("Containers are simulated here: {reason}.").format(reason=lack.reason)
        if self.can(IDS):
            verdict = _("This machine can run containers for real, as root.")
        else:
            verdict = _("This machine can run containers for real, without root: in a user namespace.")
        return verdict if self.can(FRESH_PROC) else f"{verdict} {SHARED_PROC}"

    def report(self) -> str:
        """Return all of it as text (str): a line for each capability; for one that is lacking, why and what to do."""
        lines = [self.system, self.verdict(), ""]
        width = max(len(each.name) for each in self.capabilities)
        before = None
        for each in self.capabilities:
            same = (each.reason, each.remedy) == before
            before = (each.reason, each.remedy)
            head = f"  {'✓' if each.works else '✗'} {each.name:{width}}  "
            lines.append(_wrapped(head, _("the same") if same and each.reason else each.reason))
            if each.remedy and not same:
                lines.append(_wrapped(" " * len(head) + "→ ", each.remedy))
        return "\n".join(lines)


def _wrapped(head: str, text: str) -> str:
    return textwrap.fill(head + text, 110, subsequent_indent=" " * len(head), break_on_hyphens=False).rstrip()


def probe() -> Probe:
    """Try what this machine can do (Probe), in processes of their own; changes nothing, takes about a second."""
    names = {"darwin": "macOS", "win32": "Windows", "emscripten": _("Pyodide, in a browser")}
    system = names.get(sys.platform) or f"{platform.system()} {platform.release()} ({platform.machine()})"
    python = _("Python {version} on {system}").format(version=platform.python_version(), system=system)
    return Probe(python, (*_kernel(), *_programs()))


@cache
def runtime() -> str:
    """Return the runtime that containers get here (str): ``Probe.runtime``, without what that need not know."""
    return Probe("", tuple(_kernel())).runtime


def _kernel() -> list[Capability]:
    """Return what the kernel gives a container; nothing, where COURSE_RUNTIME asks for the simulation."""
    if os.environ.get("COURSE_RUNTIME") == "simulated":
        return _without(_("COURSE_RUNTIME=simulated asks for it"), _("to see it for real: `unset COURSE_RUNTIME`"))
    return _linux() if sys.platform == "linux" else _elsewhere(sys.platform)


def _linux() -> list[Capability]:
    """Return what this Linux gives a container, as root (if this is root) and in a user namespace."""
    user = attempt("user")
    root = attempt("root") if _may_mount() else {}
    found = [judged("user namespace", "user namespace", user), _many_ids(user)]
    found += [judged(name, name, root or user) for name in NAMESPACES]
    if root:
        as_root = judged(AS_ROOT, "overlay", root)
    else:
        reason, remedy = _("this is not root"), AS_ROOT_REMEDY
        if os.geteuid() == 0:
            reason, remedy = _("this root lacks CAP_SYS_ADMIN, as in a container"), OUTSIDE
        if "overlay" in user and not user["overlay"][1]:
            remedy = _("nothing: a user namespace does as well")
        as_root = Capability(AS_ROOT, False, reason, remedy)
    program = judged(PROGRAM, "program", user)
    proc = judged(FRESH_PROC, FRESH_PROC, user)
    if program.works and not proc.works:
        proc = Capability(FRESH_PROC, False, proc.reason, _("nothing: containers can read the /proc that is here"))
    found += [proc, as_root, judged(IN_USER_NAMESPACE, "overlay", user)]
    found += [judged(FILTER, "filter", user), judged(TERMINAL, "terminal", user), program]
    limits = attempt("limits")
    return found + [_limit(name, limits.get(key, ("", errno.EIO))) for name, key in LIMITS.items()]


def _many_ids(outcomes: Outcomes) -> Capability:
    """Return whether a container can have users of its own, whom no user of this machine is."""
    if "ids" in outcomes or "user namespace" not in outcomes or outcomes["user namespace"][1]:
        return judged(IDS, "ids", outcomes)
    remedy = AS_ROOT_REMEDY if os.geteuid() else OUTSIDE
    return Capability(IDS, False, _("a user namespace has only the user who starts the course"), remedy)


def _limit(name: str, outcome: tuple[str, int]) -> Capability:
    """Return whether control groups can limit something, as the trial says: with a reason for the step."""
    reason, number = outcome
    remedies = {NOT_ROOT: AS_ROOT_REMEDY, READ_ONLY: OUTSIDE}
    return Capability(name, not number, _(reason or os.strerror(number)) if number else "", remedies.get(reason, ""))


def _may_mount() -> bool:
    """Return whether this process has CAP_SYS_ADMIN (bool; capabilities(7), linux/capability.h)."""
    status = dict(line.split(":\t", 1) for line in _contents("/proc/self/status").splitlines())
    return bool(int(status.get("CapEff", "0"), 16) >> 21 & 1)


def _elsewhere(system: str) -> list[Capability]:
    """Return the same for a machine without a Linux kernel (``system``: a value of sys.platform, str)."""
    reason, remedy = {
        "darwin": (_("macOS has no Linux kernel"), _("to see it for real: the course in a Linux virtual machine")),
        "win32": (_("Windows has no Linux kernel"), _("to see it for real: `wsl --install`, and the course in WSL 2")),
        "emscripten": (_("a browser has no Linux kernel"), _("to see it for real: the course on a Linux machine")),
    }.get(system, (_("{system} has no Linux kernel").format(system=system), ""))
    return _without(reason, remedy)


def _without(reason: str, remedy: str) -> list[Capability]:
    """Return that the kernel gives a container nothing, and why not."""
    names = ("user namespace", IDS, *NAMESPACES, FRESH_PROC, AS_ROOT, IN_USER_NAMESPACE, FILTER, TERMINAL, PROGRAM)
    return [Capability(name, False, reason, remedy) for name in (*names, *LIMITS)]


def attempt(kind: str) -> Outcomes:
    """Return how the trial went (Outcomes) of one ``kind`` (str: "user", "root" or "limits")."""
    with tempfile.TemporaryDirectory(prefix="course-probe-") as folder:
        _status, output, _errors = _run(sys.executable, "-I", "-c", TRIAL, PACKAGES, kind, folder)
    return {name: (step, number) for name, step, number in map(json.loads, output.splitlines())}


def judged(name: str, key: str, outcomes: Outcomes) -> Capability:
    """Return capability ``name`` (str) as the trial's ``outcomes`` say under ``key`` (str).

    What was not tried, for want of something before it, has the reason of that.
    """
    failed = [tried for tried, (_step, number) in outcomes.items() if number]
    if key in outcomes and key not in failed:
        return Capability(name, True)
    tried = key if key in failed else next((gate for gate in GATES if gate in failed), "")
    # Where nothing has failed the trial did not come to an end: a seccomp filter can kill who tries what it forbids.
    return Capability(name, False, *explained(tried, *outcomes.get(tried, ("trial", errno.EPERM))))


def explained(tried: str, step: str, number: int) -> tuple[str, str]:
    """Return why something ``tried`` (str) failed at ``step`` (str) with errno ``number`` (int), and what to do (str).

    The known cases: user_namespaces(7); Ubuntu's and Debian's own settings; container engines; WSL.
    """
    if number == errno.ENOSPC and _contents("/proc/sys/user/max_user_namespaces") == "0":
        return _("this machine allows no user namespaces: user.max_user_namespaces is 0"), _(
            "`sudo sysctl user.max_user_namespaces=15000`"
        )
    if number == errno.EPERM and _contents("/proc/sys/kernel/unprivileged_userns_clone") == "0":
        return _("only root may make user namespaces here: kernel.unprivileged_userns_clone is 0"), _(
            "`sudo sysctl kernel.unprivileged_userns_clone=1`"
        )
    if (
        number in (errno.EPERM, errno.EACCES)
        and _contents("/proc/sys/kernel/apparmor_restrict_unprivileged_userns") == "1"
    ):
        return _("AppArmor restricts user namespaces here, as Ubuntu does from 23.10 on"), _(
            "an AppArmor profile for {python} that allows `userns`, or, until the next start, "
            "`sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0`"
        ).format(python=shown(str(Path(sys.executable).resolve())))
    if tried == "fresh /proc" and number == errno.EPERM:
        return _("parts of /proc are covered here, as in a container; then the kernel mounts no fresh one"), OUTSIDE
    if number == errno.EPERM and "\nSeccomp:\t2" in _contents("/proc/self/status"):
        return _("a seccomp filter forbids it, as container engines set one ({step})").format(step=step), OUTSIDE
    if step == "machine":
        return _("the course knows no system calls of this kind of machine, {machine}").format(
            machine=shown(platform.machine())
        ), ""
    if "Microsoft" in platform.release():
        return _("WSL 1 has no Linux kernel"), _("`wsl --set-version DISTRIBUTION 2` in Windows")
    return _("the kernel refuses: {step}: {reason}").format(step=step, reason=os.strerror(number)), ""


def _contents(path: str) -> str:
    """Return what a file below /proc holds (str); an empty text, if this kernel does not have it."""
    try:
        return Path(path).read_text().strip()
    except OSError:
        return ""


def _programs() -> list[Capability]:
    """Return which container engines answer here, and what draws graphs (list of Capability)."""
    comparing = _("nothing: the course needs none, and only compares itself with it")
    drawing = _("without it graphs are text: `sudo apt install graphviz` (or brew, dnf, winget)")
    dot = _answers("dot", ["dot", "-V"], drawing)
    enough = _("nothing: `dot` draws the graphs") if dot.works else drawing
    return [
        _answers(
            "podman", ["podman", "--version"], comparing
        ),  # without root, `podman version` leaves a process behind
        _answers("docker", ["docker", "version", "--format", "{{.Server.Version}}"], comparing),
        dot,
        _answers("pygraphviz", [sys.executable, "-I", "-c", "import pygraphviz"], enough),
    ]


def _answers(name: str, command: list[str], remedy: str) -> Capability:
    """Return whether a ``command`` (list of str) works here."""
    if shutil.which(command[0]) is None:
        return Capability(name, False, _("it is not installed"), remedy)
    status, _output, errors = _run(*command)
    if status == 0:
        return Capability(name, True)
    last = errors.strip().rpartition("\n")[2] or _("it ended with status {status}").format(status=status)
    return Capability(name, False, shown(last), remedy)


def _run(*command: str) -> tuple[int, str, str]:
    """Return a command's exit status (int), and what it wrote to its output and its errors (str)."""
    try:
        done = subprocess.run(
            command, capture_output=True, stdin=subprocess.DEVNULL, timeout=PATIENCE, encoding="utf-8", errors="replace"
        )
    except subprocess.TimeoutExpired:
        return -1, "", _("it did not answer within {count} s").format(count=PATIENCE)
    except OSError as error:
        return 127, "", str(error)
    return done.returncode, done.stdout, done.stderr
