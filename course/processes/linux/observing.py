"""Observing: what /proc tells of any running process of this machine, the course's own or a container engine's.

A process is read through one descriptor of its folder in /proc, which never comes to mean another process, even when
the number is given away again.  Reading changes nothing.  What the kernel keeps from this user is named in the
observation, with the reason, and never guessed.
"""

import errno
import os
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from course.errors import MachineError
from course.processes.linux.capabilities import names
from course.processes.linux.observed_groups import control_groups
from course.processes.linux.proc_entry import ProcEntry, Status, opened, pids
from course.processes.mount_table import MountEntry
from course.processes.observed import (
    ControlGroup,
    IdRange,
    Namespace,
    Observation,
    ObservedProcess,
    command,
)
from course.words import _, _n, nearest, shown

PROC = Path("/proc")
KTHREAD = 0x00200000  # PF_KTHREAD (linux/sched.h)
SECCOMP = ("off", "strict", "filter")
SETS = {
    "effective": "CapEff",
    "permitted": "CapPrm",
    "inheritable": "CapInh",
    "bounding": "CapBnd",
    "ambient": "CapAmb",
}
FOR_CHILDREN = "_for_children"
ZOMBIE = _("the process has ended: until its parent takes note it keeps its number, as a zombie, and little else")

Home = tuple[ProcEntry, tuple[MountEntry, ...]]


def observe(pid: int | None = None, proc: Path = PROC) -> Observation:
    """Return what is seen of process ``pid`` (int; without it, of this process): Observation.

    ``proc`` is where the kernel shows processes (Path).  Raises MachineError: this is not Linux; there is no such
    process; it ended meanwhile; a file there is not as the kernel writes it.

    Rule: proc(5), namespaces(7), user_namespaces(7), cgroups(7); who may look: ptrace(2), "PTRACE_MODE_READ".
    """
    _check_linux()
    with ExitStack() as stack:
        entry, status = _found(pid, proc, stack)
        ended = MachineError(_("Process {pid} ended while it was looked at.").format(pid=status.pid))
        try:
            seen = _Look(entry, status, proc, stack).observation()
            is_over = entry.status().zombie and not status.zombie
        except (FileNotFoundError, ProcessLookupError) as error:
            raise ended from error
        if is_over:
            raise ended
        return seen


def _found(pid: int | None, proc: Path, stack: ExitStack) -> tuple[ProcEntry, Status]:
    """Return the folder of a process, open until the ``stack`` is left, and its status.  Raises MachineError."""
    try:
        entry = stack.enter_context(opened(pid, proc))
        status = entry.status()
    except PermissionError as error:
        told = _("{proc} shows this user no processes of others, such as {pid}.")
        raise MachineError(told.format(proc=shown(str(proc)), pid=pid)) from error
    except OSError as error:
        told = _("There is no process {pid} that can be seen here.")
        if pid is None:
            told = _("{proc} does not show this process: nothing can be seen where it is not mounted.")
        raise MachineError(told.format(proc=shown(str(proc)), pid=pid)) from error
    if status.leader != status.pid:
        thread = _("{pid} is a thread of process {leader}: give that number.")
        raise MachineError(thread.format(pid=status.pid, leader=status.leader))
    return entry, status


def process_named(name: str, proc: Path = PROC) -> int:
    """Return the PID (int) that a person means: ``name`` (str) is it, a process's short name, or its program's.

    Raises MachineError: no process has the name, or several have.
    """
    _check_linux()
    if re.fullmatch("[0-9]{1,19}", name):
        return int(name)
    called: dict[int, set[str]] = {}
    for pid in pids(proc):
        with suppress(OSError), opened(pid, proc) as entry:  # it may have ended, or be hidden from this user
            program = next(iter(entry.arguments()), "").rpartition("/")[2]
            status = entry.status()
            called[pid] = {status.name, program}
    found = [pid for pid, its in called.items() if name in its and pid != os.getpid()]
    if len(found) == 1:
        return found[0]
    if found:
        told = _("{count} processes are called {name}: {pids}. Give the PID of one.")
        listed = ", ".join(map(str, found))
        raise MachineError(told.format(count=len(found), name=shown(name), pids=listed))
    near = nearest(name, sorted(set().union(*called.values())))
    hint = _(" Did you mean {name}?").format(name=shown(near)) if near else ""
    raise MachineError(_("No process that can be seen here is called {name}.").format(name=shown(name)) + hint)


def _check_linux() -> None:
    if sys.platform != "linux":
        raise MachineError(_("Namespaces and control groups are Linux's: there are none to look at on this system."))


class _Look:
    """One look at a process: whom it is compared with, and what could not be read of it."""

    def __init__(self, entry: ProcEntry, status: Status, proc: Path, stack: ExitStack) -> None:
        self.entry, self.status, self.proc = entry, status, proc
        self.missing: dict[str, str] = {}
        self.others: dict[str, ProcEntry] = {}  # the observer, the parent and PID 1, as far as there are any
        for name, pid in {"observer": None, "parent": status.parent, "PID 1": 1}.items():
            if pid != 0:  # a parent out of sight
                with self._noting(name):
                    self.others[name] = stack.enter_context(opened(pid, proc))

    @contextmanager
    def _noting(self, part: str) -> Iterator[None]:
        """Note why a ``part`` (str) cannot be read, in ``missing``."""
        try:
            yield
        except OSError as error:
            self.missing[part] = self._reason(error)

    def _reason(self, error: OSError) -> str:
        if error.errno in (errno.EACCES, errno.EPERM):
            return _(
                "the kernel shows it only to those who may trace the process: its own user, and root with all rights"
            )
        if error.errno == errno.ESRCH:
            return _("the process has ended")
        return str(error.strerror)

    def observation(self) -> Observation:
        """Return all that is seen (Observation)."""
        entry, status = self.entry, self.status
        uid_map: tuple[IdRange, ...] = ()
        gid_map: tuple[IdRange, ...] = ()
        with self._noting("ids"):
            uid_map, gid_map = entry.ids("uid_map"), entry.ids("gid_map")
        namespaces = self._namespaces()
        return Observation(
            pid=status.pid,
            pids=status.pids,
            parent=status.parent,
            name=status.name,
            arguments=self._arguments(),
            state=status.state,
            uid=status.uid,
            gid=status.gid,
            uid_map=uid_map,
            gid_map=gid_map,
            namespaces=namespaces,
            mounts=self._mounts(),
            groups=self._groups(),
            capabilities={name: tuple(names(status.capabilities.get(field, 0))) for name, field in SETS.items()},
            seccomp=SECCOMP[status.seccomp] if status.seccomp < len(SECCOMP) else str(status.seccomp),
            no_new_privs=status.no_new_privs,
            processes=self._processes(namespaces.get("pid")),
            missing=self.missing,
        )

    def _arguments(self) -> tuple[str, ...]:
        """Return the command line (tuple of str)."""
        arguments = self.entry.arguments()
        if not arguments and not self.status.zombie and self.entry.flags() & KTHREAD:
            self.missing["command line"] = _("it is a thread of the kernel, which has none")
        return arguments

    def _namespaces(self) -> dict[str, Namespace]:
        """Return the namespaces by kind, compared with those of others (kind -> Namespace)."""
        inodes: dict[str, int] = {}
        with self._noting("namespaces"):
            inodes = self.entry.namespaces()
        if self.status.zombie:
            self.missing["namespaces"] = ZOMBIE
        theirs: dict[str, dict[str, int]] = {}
        for name, entry in self.others.items():
            with self._noting(name):
                theirs[name] = entry.namespaces()
        if self.entry.status().parent != self.status.parent:  # then the number may have come to mean another
            self.missing["parent"] = _("it ended meanwhile")
            for known in (self.others, theirs):
                known.pop("parent", None)

        def shared(name: str, kind: str) -> bool | None:
            other = theirs.get(name, {}).get(kind.removesuffix(FOR_CHILDREN))
            return None if other is None else other == inodes[kind]

        return {
            kind: Namespace(kind, inode, shared("observer", kind), shared("parent", kind), shared("PID 1", kind))
            for kind, inode in inodes.items()
            if inodes.get(kind.removesuffix(FOR_CHILDREN)) != inode or not kind.endswith(FOR_CHILDREN)
        }

    def _mounts(self) -> tuple[MountEntry, ...]:
        """Return the mount table (tuple of MountEntry), the layers of its overlays where they are outside."""
        mounts: tuple[MountEntry, ...] = ()
        if self.status.zombie:
            self.missing["mounts"] = ZOMBIE
            return mounts
        with self._noting("mounts"):
            mounts = self.entry.mounts()
        homes: list[Home] = []
        if any(entry.overlay for entry in mounts):
            for other in self.others.values():
                with suppress(OSError):
                    homes.append((other, other.mounts()))
        return tuple(located(entry, homes) for entry in mounts)

    def _groups(self) -> tuple[ControlGroup, ...]:
        """Return the control groups (tuple of ControlGroup), with their limits where the observer finds them."""
        with self._noting("control groups"):
            mounts = self.others["observer"].mounts() if "observer" in self.others else ()
            return self.entry.parsed("cgroup", lambda text: control_groups(text, mounts))
        return ()

    def _processes(self, namespace: Namespace | None) -> tuple[ObservedProcess, ...]:
        """Return the processes of its PID ``namespace``; if that is /proc's own, it and its descendants in it."""
        own = len(self.status.pids) == 1  # numbers in one PID namespace only: that of /proc
        found: dict[int, ObservedProcess] = {}
        parents: dict[int, int] = {}
        hidden = 0
        for pid in pids(self.proc):
            try:
                with opened(pid, self.proc) as entry:
                    status = entry.status()
                    near = len(status.pids) == len(self.status.pids)
                    if near and (own or (namespace and entry.namespace("pid") == namespace.inode)):
                        found[pid] = ObservedProcess(status.pids[-1], pid, command(status.name, entry.arguments()))
                        parents[pid] = status.parent
            except PermissionError:
                hidden += 1
            except OSError:  # it has ended
                continue
        if hidden:
            self.missing["processes"] = _n(
                "{count} that may be one of them is kept from this user",
                "{count} that may be among them are kept from this user",
                hidden,
            )
        elif not own and namespace is None:
            self.missing["processes"] = _("it is not known which PID namespace they would be in")
        chosen = descendants(self.status.pid, parents) if own else found
        return tuple(found[pid] for pid in found if pid in chosen)


def descendants(pid: int, parents: Mapping[int, int]) -> set[int]:
    """Return a process and all that descend from it (set of int), as ``parents`` tells (PID -> PID).

    >>> sorted(descendants(2, {1: 0, 2: 1, 7: 2, 5: 7, 9: 1}))
    [2, 5, 7]
    """
    chosen = {pid}
    while more := {child for child, parent in parents.items() if parent in chosen} - chosen:
        chosen |= more
    return chosen


def located(entry: MountEntry, homes: Sequence[Home]) -> MountEntry:
    """Return an ``entry`` of a mount table, its overlay's layers with the paths that they have for those outside.

    ``homes`` (sequence of Home) are others that may have the overlay in their mount table too, as an engine has that
    of its container: what mounted it told paths as it sees them.
    """
    if entry.overlay is None:
        return entry
    for home, mounts in homes:
        points = [each.point for each in mounts if each.overlay and each.device == entry.device]
        if points:
            base = next(filter(None, map(entry.overlay.mounted_in, points)), "")
            return replace(entry, overlay=entry.overlay.located(base, home.followed))
    return entry
