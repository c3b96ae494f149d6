"""The files of control groups: which takes which limit, and what it says, in version 1 and in version 2.

Rule: the kernel's cgroup-v1/{memory,pids,freezer-subsystem}.rst, scheduler/sched-bwc.rst and cgroup-v2.rst.
Part of the small helper process: it imports next to nothing.
"""

from __future__ import annotations

import errno
import os
import time

_ = str  # marks a text for the catalogue; it is translated where it is shown, since the helper has no gettext

NOT_ROOT = _("only root may make control groups here")
READ_ONLY = _("control groups are read-only here")
NOT_THERE = _("no such control group controller is mounted here")
IN_USE = _("the control group of this process gives no controllers to others below it, since it has processes itself")
ONLY_V2 = _("only control groups of version 2 can do it, from Linux 5.14 on")
NO_FILE = _("the kernel has no such limit here")
TOO_SMALL = _("the kernel knows no limit as small as that")
SWAP = _("it is memory and swap together, so it needs a memory limit that is not larger")

DELEGATED = ("cgroup.procs", "tasks", "cgroup.threads", "cgroup.subtree_control")  # cgroup-v2.rst, "Delegation"
ENDING = 1.0  # seconds that the last process of a group may take to be gone
PERIOD = 100_000  # microseconds: how often a group gets its share of the processors anew; the kernel's own default
CONTROLLERS = {
    "memory": "memory",
    "memory_swap": "memory",
    "memory_reservation": "memory",
    "cpus": "cpu",
    "pids": "pids",
}
FILES = {  # of each version and limit
    1: {
        "memory": "memory.limit_in_bytes",
        "memory_swap": "memory.memsw.limit_in_bytes",
        "memory_reservation": "memory.soft_limit_in_bytes",
        "cpus": "cpu.cfs_quota_us",
        "pids": "pids.max",
    },
    2: {
        "memory": "memory.max",
        "memory_swap": "memory.swap.max",
        "memory_reservation": "memory.low",
        "cpus": "cpu.max",
        "pids": "pids.max",
    },
}
USED = {1: ("memory.usage_in_bytes", "memory.oom_control"), 2: ("memory.current", "memory.events")}
NO_LIMIT = 1 << 62  # version 1 writes no limit on memory as the largest number of whole pages


class CannotLimit(ValueError):  # noqa: N818 (names the fact)
    """A limit that cannot be set here, or processes that cannot be frozen.

    ``limit`` is its name (str: as ``Parent.make`` has it, or "freezer"), ``reason`` why (str: a text of this module, or
    the kernel's words): parts of the message for those who say it in another language.
    """

    def __init__(self, limit: str, reason: str) -> None:
        super().__init__(f"cannot {'freeze it' if limit == 'freezer' else f'limit {limit}'}: {reason}")
        self.limit, self.reason = limit, reason


def checked(directory: str) -> str:
    """Return ``directory`` (str) if this process may move others out of it into one below.  Raises OSError."""
    path = f"{directory}/cgroup.procs"
    os.close(os.open(path, os.O_WRONLY | os.O_CLOEXEC))
    return directory


def made(directory: str, owner: tuple[int, int] | None = None) -> str:
    """Return ``directory`` (str) once it is there, and its owner's.  Raises OSError, and has made nothing then."""
    try:
        os.mkdir(directory, 0o755)
    except FileExistsError:
        checked(directory)
    try:
        for path in (directory, *(f"{directory}/{file}" for file in DELEGATED)):
            if owner and os.path.exists(path):
                os.chown(path, *owner)
    except OSError:
        removed(directory)
        raise
    return directory


def removed(directory: str) -> None:
    """Remove a group; one whose last process is just ending is waited for.  Raises OSError (EBUSY: it has others)."""
    end = time.monotonic() + ENDING
    while True:
        try:
            return os.rmdir(directory)
        except FileNotFoundError:
            return None
        except OSError as error:
            if error.errno != errno.EBUSY or time.monotonic() > end:
                raise
            time.sleep(0.001)


def reason(error: OSError) -> str:
    """Return why a group cannot be made, or a limit not be set (str): a text of this module, or the kernel's words."""
    known = {errno.EACCES: NOT_ROOT, errno.EPERM: NOT_ROOT, errno.EROFS: READ_ONLY}
    return known.get(error.errno or 0) or os.strerror(error.errno or errno.EIO)


def read(path: str) -> str:
    """Return what a control group's file says (str), without the end of its last line.  Raises OSError."""
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        parts = []
        while part := os.read(fd, 65536):
            parts.append(part)
    finally:
        os.close(fd)
    return os.fsdecode(b"".join(parts)).rstrip("\n")


def write(path: str, text: str) -> None:
    """Tell a control group something, in one write(2), as the kernel wants it.  Raises OSError."""
    fd = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
    try:
        os.write(fd, text.encode())
    finally:
        os.close(fd)


def table(text: str) -> dict[str, int]:
    """Return a file of lines ``name number`` as a dict of str to int.

    >>> table("populated 1\\nfrozen 0")
    {'populated': 1, 'frozen': 0}
    """
    words = [line.split() for line in text.splitlines()]
    return {pair[0]: int(pair[1]) for pair in words if len(pair) == 2 and pair[1].isdecimal()}


def asked_for(limits: dict[str, float]) -> dict[str, float]:
    """Return those ``limits`` (dict of str to int or float) that are not 0, which means none.  Raises CannotLimit.

    >>> asked_for({"memory": 0, "cpus": 1.5})
    {'cpus': 1.5}
    """
    asked = {limit: value for limit, value in limits.items() if value}
    for limit, value in asked.items():
        if value < 0 and limit != "memory_swap":  # of which -1 is as much as there is
            raise CannotLimit(limit, TOO_SMALL)
    if 0 < asked.get("cpus", 1) * PERIOD < 1000:  # sched-bwc.rst: the least is a millisecond
        raise CannotLimit("cpus", TOO_SMALL)
    memory, both = asked.get("memory", 0), asked.get("memory_swap", 0)
    if both and (not memory or 0 < both < memory):
        raise CannotLimit("memory_swap", SWAP)
    return asked


def lines(version: int, asked: dict[str, float]) -> list[tuple[str, str]]:
    """Return what to write for the limits ``asked`` for: (limit, text), each of str, in the order of ``asked``.

    ``memory_swap`` is memory and swap together, as version 1 (and docker) has it; version 2 limits swap alone.

    >>> lines(1, {"memory": 1048576, "memory_swap": 3145728, "cpus": 0.5})
    [('memory', '1048576'), ('memory_swap', '3145728'), ('cpus', '50000')]
    >>> lines(2, {"memory": 1048576, "memory_swap": 3145728, "cpus": 0.5})
    [('memory', '1048576'), ('memory_swap', '2097152'), ('cpus', '50000 100000')]
    """
    texts = {limit: str(int(value)) for limit, value in asked.items()}
    if "cpus" in asked:
        texts["cpus"] = str(int(asked["cpus"] * PERIOD)) + (f" {PERIOD}" if version == 2 else "")
    if "memory_swap" in asked and version == 2:
        swap = int(asked["memory_swap"] - asked["memory"])
        texts["memory_swap"] = str(swap) if asked["memory_swap"] > 0 else "max"
    return list(texts.items())


def limits(version: int, directory: str, controller: str) -> dict[str, float]:
    """Return the limits that ``directory`` has of a controller: name -> bytes, processes or processors; 0 is none.

    A kernel need not know all of them.
    """
    found: dict[str, float] = {}
    for limit, file in FILES[version].items():
        if CONTROLLERS[limit] == controller:
            try:
                text, *period = read(f"{directory}/{file}").split()
            except FileNotFoundError:
                continue
            value = 0 if text in ("max", "-1") or int(text) >= NO_LIMIT else int(text)
            found[limit] = value / PERIOD if limit == "cpus" else value
            if limit == "cpus" and period:
                found[limit] = value / int(period[0])
            if limit == "memory_swap" and version == 2:
                found[limit] = found["memory"] + value if found["memory"] and text != "max" else 0
    return found


def usage(version: int, directory: str, controller: str) -> dict[str, int]:
    """Return what a group uses: ``memory`` (bytes) and ``oom_kills``, ``pids``, or ``cpu`` (nanoseconds), if known."""
    used = {}
    if controller == "memory":
        memory, events = USED[version]
        used["memory"] = int(read(f"{directory}/{memory}"))
        used["oom_kills"] = table(read(f"{directory}/{events}")).get("oom_kill", 0)
    elif controller == "pids":
        used["pids"] = int(read(f"{directory}/pids.current"))
    elif version == 2:  # which counts time without a controller
        used["cpu"] = table(read(f"{directory}/cpu.stat"))["usage_usec"] * 1000
    elif os.path.exists(f"{directory}/cpuacct.usage"):  # where the controllers cpu and cpuacct are mounted as one
        used["cpu"] = int(read(f"{directory}/cpuacct.usage"))
    return used
