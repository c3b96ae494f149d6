"""What can be seen of a process of this machine: its namespaces, mounts, control groups and rights, as plain values.

``course.processes.linux.observing.observe`` makes them; figures draw them; printed, they are a text of tables.  Whoever
looked is called the observer: all numbers are as it sees them, unless they are said to be others.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from course.processes.mount_table import MountEntry
from course.words import _

NOBODY = 2**32 - 1  # what the kernel shows for an id that the observer's user namespace does not have


@dataclass(frozen=True, slots=True)
class Namespace:
    """A namespace of a process: its ``kind`` (str, as in namespaces(7): mnt, pid, net …) and ``inode`` (int), its name.

    The others say whether it is also that of the observer, of the process's parent and of PID 1: True, False, or None
    where that could not be read.  ``pid_for_children`` and ``time_for_children`` are kinds of their own.
    """

    kind: str
    inode: int
    with_observer: bool | None = None
    with_parent: bool | None = None
    with_init: bool | None = None


@dataclass(frozen=True, slots=True)
class IdRange:
    """``count`` user or group ids (int): from ``inside`` on in the process's user namespace, from ``outside`` (int)."""

    inside: int
    outside: int
    count: int


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit that is set: ``what`` (str: memory, pids, cpus …, as docker calls them, or frozen), and its ``value``.

    The value is in bytes, in processes or in CPUs (int or float), 1 for frozen.  ``group`` (str, a path) is what has
    the limit: the group of the process or one above it, whose limits hold too.
    """

    what: str
    value: float
    group: str

    def __str__(self) -> str:
        """Return the limit in words (str).

        >>> print(Limit("memory", 64 * 2**20, "/a"), Limit("cpus", 0.5, "/a"), sep=", ")
        memory 64 MiB, cpus 0.5
        """
        if self.what == "frozen":
            return _("frozen")
        if not self.what.startswith("memory"):
            return f"{self.what} {int(self.value) if self.value % 1 == 0 else round(self.value, 3)}"
        size, units = int(self.value), ["B", "KiB", "MiB", "GiB"]
        while size and size % 1024 == 0 and len(units) > 1:
            size, units = size // 1024, units[1:]
        return f"{self.what} {size} {units[0]}"


@dataclass(frozen=True, slots=True)
class ControlGroup:
    """A control group that a process is in: one in each hierarchy (cgroups(7)).

    ``hierarchy`` is the number of the hierarchy (int; 0 is that of version 2), ``controllers`` its controllers or name
    (tuple of str), ``path`` the group in it (str), ``directory`` where it is found here (str; empty if it is not),
    ``limits`` those that are set for it or above it, the nearest first (tuple of Limit).
    """

    hierarchy: int
    controllers: tuple[str, ...]
    path: str
    directory: str = ""
    limits: tuple[Limit, ...] = ()

    @property
    def version(self) -> int:
        """The version of control groups (int): 1 or 2."""
        return 1 if self.hierarchy else 2

    @property
    def title(self) -> str:
        """The controllers as a name of the hierarchy (str)."""
        return ",".join(self.controllers) or "cgroup2"


@dataclass(frozen=True, slots=True)
class ObservedProcess:
    """A process: its PID ``inside`` its PID namespace and ``outside``, for the observer (int), ``command`` (str)."""

    inside: int
    outside: int
    command: str


@dataclass(frozen=True)
class Observation:
    """What was seen of one process.

    ``pid`` is its PID for the observer, ``pids`` that in each PID namespace that it is in, from there to its own (tuple
    of int), ``parent`` its parent's (int, 0: out of sight), ``name`` its short name and ``arguments`` its command line
    (tuple of str, empty for a kernel thread and a zombie), ``state`` what proc_pid_status(5) says, such as ``S
    (sleeping)``.  ``uid`` and ``gid`` are the effective ones for the observer (int), ``uid_map`` and ``gid_map`` those
    of its user namespace (tuples of IdRange).  ``namespaces`` are by kind, ``mounts`` in the kernel's order, ``groups``
    by hierarchy; ``capabilities`` are the names in each set (effective, permitted, inheritable, bounding, ambient);
    ``seccomp`` is off, strict or filter, ``no_new_privs`` a bool.

    ``processes`` are all of its PID namespace, or only it and its descendants where that is the observer's own.
    ``missing`` tells what could not be read, and why: part -> reason (mapping of str to str).
    """

    pid: int
    pids: tuple[int, ...]
    parent: int
    name: str
    arguments: tuple[str, ...]
    state: str
    uid: int
    gid: int
    uid_map: tuple[IdRange, ...]
    gid_map: tuple[IdRange, ...]
    namespaces: Mapping[str, Namespace]
    mounts: tuple[MountEntry, ...] = ()
    groups: tuple[ControlGroup, ...] = ()
    capabilities: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    seccomp: str = "off"
    no_new_privs: bool = False
    processes: tuple[ObservedProcess, ...] = ()
    missing: Mapping[str, str] = field(default_factory=dict)

    @property
    def command(self) -> str:
        """The command line (str), or the name in brackets where there is none, as ps(1) prints it."""
        return command(self.name, self.arguments)

    @property
    def root_is(self) -> int | None:
        """The observer's number (int) for the user that is root in the process's user namespace.

        0 in the observer's own; None if root is nobody there, or if it could not be read whose namespace it is.
        """
        namespace = self.namespaces.get("user")
        if namespace is None or namespace.with_observer is None:
            return None
        if namespace.with_observer:
            return 0
        return next((ids.outside for ids in self.uid_map if ids.inside == 0 and ids.outside != NOBODY), None)

    @property
    def overlays(self) -> tuple[MountEntry, ...]:
        """Its mounts that are overlays (tuple of MountEntry)."""
        return tuple(entry for entry in self.mounts if entry.overlay)

    def shared(self, other: "Observation") -> tuple[str, ...]:
        """Return the kinds of namespaces (tuple of str, sorted) that this process and another (Observation) share."""
        return tuple(
            kind
            for kind, namespace in sorted(self.namespaces.items())
            if kind in other.namespaces and other.namespaces[kind].inode == namespace.inode
        )

    def __str__(self) -> str:
        """Return all of it as text (str): tables, the same for the same observation."""
        from course.processes.observed_text import text  # which needs this module

        return text(self)


def command(name: str, arguments: Sequence[str]) -> str:
    """Return a command line (str) from its ``arguments`` (sequence of str), or the ``name`` (str) in brackets."""
    return " ".join(arguments) if any(arguments) else f"[{name}]"
