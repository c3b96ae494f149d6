"""The control groups of a process, found where they are mounted, with the limits that are set for it.

Rule: cgroups(7); the kernel's cgroup-v1/freezer-subsystem.rst, scheduler/sched-bwc.rst and cgroup-v2.rst.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress

from course.errors import MachineError
from course.processes.linux import cgroup_files as files
from course.processes.mount_table import MountEntry
from course.processes.observed import ControlGroup, Limit
from course.words import _, shown

FROZEN = {1: "freezer.self_freezing", 2: "cgroup.freeze"}


def control_groups(text: str, mounts: Sequence[MountEntry]) -> tuple[ControlGroup, ...]:
    """Return the groups in ``text`` (str, all of /proc/PID/cgroup), version 2 first: tuple of ControlGroup.

    ``mounts`` are those of the observer (sequence of MountEntry).  The names in both are as the observer's own cgroup
    namespace has them.  Raises MachineError if a group's files hold something else than the kernel writes; ValueError
    if the text is something else; OSError.
    """
    groups = []
    for line in filter(None, text.split("\n")):
        number, names, path = line.split(":", 2)
        group = ControlGroup(int(number), tuple(filter(None, names.split(","))), path)
        point, below = found(group, mounts)
        directory = point + below if point else ""
        groups.append(
            ControlGroup(group.hierarchy, group.controllers, path, directory, tuple(limits(group, point, below)))
        )
    return tuple(sorted(groups, key=lambda each: each.hierarchy))


def found(group: ControlGroup, mounts: Sequence[MountEntry]) -> tuple[str, str]:
    """Return where a group's hierarchy is mounted (str), and the way from there to the group (str); empty if it is not.

    A mount may show only a part of the hierarchy, as in a container.
    """
    kind = "cgroup" if group.hierarchy else "cgroup2"
    for entry in mounts:
        if entry.kind == kind and (kind == "cgroup2" or {*group.controllers} <= {*entry.super_options}):
            above = entry.root.rstrip("/")
            if f"{group.path}/".startswith(f"{above}/") and not group.path.startswith("/.."):
                return entry.point, group.path[len(above) :].rstrip("/")
    return "", ""


def limits(group: ControlGroup, point: str, below: str) -> Iterator[Limit]:
    """Yield the limits (Limit) of the group that is ``below`` a mount ``point`` (str), and of those above it there."""
    inherited = group.path.removesuffix(below).rstrip("/")
    while point:
        for what, value in _limits_of(group, point + below):
            if value:
                yield Limit(what, value, inherited + below or "/")
        if not below:
            return
        below = below.rpartition("/")[0]


def _limits_of(group: ControlGroup, directory: str) -> Iterator[tuple[str, float]]:
    """Yield what one ``directory`` (str) of a hierarchy limits, and how far (str, int or float; 0: not at all)."""
    version = group.version
    try:
        for controller in group.controllers if version == 1 else ("memory", "cpu", "pids"):
            found = files.limits(version, directory, controller)
            if version == 1 and "cpus" in found:  # by the period that we give; others can have given another
                found["cpus"] *= files.PERIOD / int(files.read(f"{directory}/cpu.cfs_period_us"))
            yield from sorted(found.items())
        if version == 2 or "freezer" in group.controllers:
            with suppress(FileNotFoundError):  # the group at the top cannot be frozen, and has no such file
                yield "frozen", int(files.read(f"{directory}/{FROZEN[version]}"))
    except ValueError as error:
        reason = _("A file in {directory} is not as the kernel writes it: {error}.")
        raise MachineError(reason.format(directory=shown(directory), error=error)) from error
