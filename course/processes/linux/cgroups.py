"""Control groups: how much a container may use, and freezing and killing all of it, by reading and writing files.

A control group is a directory of a file system that shows, and does, what the kernel does to a set of processes.
Version 1 has a hierarchy of such directories for each controller, version 2 one for all; a machine may have both
mounted.  Nothing is mounted here, and a container sees none of it.

The engine opens a ``Parent``, beside or below the group that its own process is in, and gives it to the owner that the
helper is in its user namespace; the helper makes a ``Group`` in it for each container.  In version 1 that is a
directory for the freezer and one for each controller that limits something, in version 2 one directory.  A directory
costs a start about 0.1 ms (mkdir 60 µs, moving a process 20, rmdir 20), and each limit 50 µs; so the freezer's is made
at the start, too, when no other process has to be found and moved, and when all still have the helper's user.

Rule: the kernel's cgroup-v1/cgroups.rst and cgroup-v2.rst; cgroups(7).  Part of the small helper process.
"""

from __future__ import annotations

import os

from course.processes.linux import cgroup_files as files
from course.processes.linux.cgroup import Group
from course.processes.linux.cgroup_files import IN_USE, NOT_THERE, ONLY_V2, CannotLimit, read, write

ALL = ("memory", "pids", "cpu", "freezer")
HELPER = "helper"  # the group of the process that makes the others: version 2 moves processes within one owner's groups


class Hierarchies:
    """Where this process is: ``v1``, its group of each controller; ``v2``, that of version 2, mounted at ``top``.

    All are directories (str; empty: there is none), ``v1`` is a dict from the names of ``ALL``.
    """

    __slots__ = ("top", "v1", "v2")

    def __init__(self, v1: dict[str, str], v2: str = "", top: str = "") -> None:
        self.v1, self.v2, self.top = v1, v2, top


def find(
    root: str = "/sys/fs/cgroup", mounts: str = "/proc/self/mountinfo", own: str = "/proc/self/cgroup"
) -> Hierarchies:
    """Return what is mounted below ``root`` and where this process is in it (Hierarchies); none of it need be there."""
    found = Hierarchies({})
    try:
        groups = [line.split(":", 2) for line in read(own).splitlines()]
        mounted = [line.split(" ") for line in read(mounts).splitlines()]
    except OSError:
        return found
    paths = {controller: path for _number, names, path in groups for controller in names.split(",")}
    for words in mounted:
        above, point = _unescaped(words[3]), _unescaped(words[4])
        kind, _source, options = words[words.index("-") + 1 :][:3]
        if not f"{point}/".startswith(f"{root}/"):
            continue
        if kind == "cgroup2" and not found.v2:
            found.v2, found.top = _below(point, above, paths.get("", "")), point
        elif kind == "cgroup":
            for controller in set(ALL).intersection(options.split(",")):
                directory = _below(point, above, paths.get(controller, ""))
                if directory:
                    found.v1[controller] = directory
    return found


def _unescaped(text: str) -> str:
    """Return a path of mountinfo (str) without its escapes, which are octal (proc(5))."""
    first, *rest = text.split("\\")
    return first + "".join(chr(int(part[:3], 8)) + part[3:] for part in rest)


def _below(point: str, above: str, path: str) -> str:
    """Return the directory of the group ``path`` in a hierarchy mounted from ``above`` on; empty if it is not seen."""
    if not f"{path}/".startswith(above if above.endswith("/") else f"{above}/") or "/.." in path:
        return ""
    return f"{point}/{path[len(above) :].strip('/')}".rstrip("/")


def open_parent(hierarchies: Hierarchies, name: str, owner: tuple[int, int] | None = None) -> Parent:
    """Return the group ``name`` (str) to make others in (Parent), made where it can be and given to ``owner``.

    ``owner`` is a user and a group (int each); None leaves it with this process.  Where nothing can be made the Parent
    says why.  Version 1 is used for each controller that it has.  A group of version 2 is made below the own group if
    that gives it controllers, or else below the nearest one above that does so already: no setting of those changes.
    """
    places: dict[str, str] = {}
    reasons = dict.fromkeys(ALL, NOT_THERE) | {"kill": ONLY_V2}
    for controller, own in hierarchies.v1.items():
        try:
            places[controller] = files.made(f"{files.checked(own)}/{name}", owner)
        except OSError as error:
            reasons[controller] = files.reason(error)
    wanted = [controller for controller in ALL if controller not in hierarchies.v1]
    unified = _open_v2(hierarchies, name, owner, wanted, reasons) if wanted and hierarchies.v2 else ""
    if unified:
        given = read(f"{unified}/cgroup.subtree_control").split()
        places |= {controller: unified for controller in wanted if controller in given}
        for controller, file in (("freezer", "cgroup.freeze"), ("kill", "cgroup.kill")):
            if controller not in hierarchies.v1 and os.path.exists(f"{unified}/{file}"):
                places[controller] = unified
    return Parent(places, unified, {what: why for what, why in reasons.items() if what not in places})


def _open_v2(
    hierarchies: Hierarchies, name: str, owner: tuple[int, int] | None, wanted: list[str], reasons: dict[str, str]
) -> str:
    """Return the directory of the group ``name`` in version 2 (str), made where most controllers are ``wanted``.

    Changes ``reasons``: of what it cannot have.  Empty if it could not be made anywhere.
    """
    _enable(hierarchies.v2, wanted)
    above = [hierarchies.v2]
    while above[-1] != hierarchies.top:
        above.append(os.path.dirname(above[-1]))
    given = {place: set(wanted).intersection(read(f"{place}/cgroup.subtree_control").split()) for place in above}
    refusals = []
    for place in sorted(above, key=lambda place: -len(given[place])):
        try:
            unified = files.made(f"{files.checked(place)}/{name}", owner)
        except OSError as error:
            refusals.append((place, files.reason(error)))
            continue
        _enable(unified, wanted)
        there = read(f"{hierarchies.top}/cgroup.controllers").split()
        reasons.update({what: IN_USE for what in wanted if what in there})
        return unified
    reasons.update(dict.fromkeys([*wanted, "kill"], dict(refusals)[hierarchies.v2]))
    return ""


def _enable(directory: str, wanted: list[str]) -> None:
    """Have a group of version 2 give controllers to those below it, as many as it can of those ``wanted``."""
    for controller in read(f"{directory}/cgroup.controllers").split():
        if controller in wanted:
            try:
                write(f"{directory}/cgroup.subtree_control", f"+{controller}")
            except OSError:  # processes in it (EBUSY), another's group, read-only: asked for again by those who read it
                continue


class Parent:
    """The control group whose groups are the containers'; what can be limited in it, and why not the rest.

    ``places`` is its directory for each thing that it ``can`` do ("memory", "pids", "cpu", "freezer", "kill"; dict of
    str), ``unified`` its directory in version 2 (str; empty: it has none), ``reasons`` a sentence for what it cannot
    do (dict of str).  These three make the same Parent in another process.
    """

    __slots__ = ("places", "reasons", "unified")

    def __init__(self, places: dict[str, str], unified: str, reasons: dict[str, str]) -> None:
        self.places, self.unified, self.reasons = places, unified, reasons

    @property
    def can(self) -> frozenset[str]:
        """What it can do (frozenset of str): limit "memory", "pids" and "cpu", freeze ("freezer"), and "kill"."""
        return frozenset(self.places)

    @property
    def why(self) -> str:
        """Why it cannot limit or freeze all (str, the first reason that there is); empty if it can."""
        return next((self.reasons[what] for what in ALL if what in self.reasons), "")

    def admit(self, pid: int) -> None:
        """Move a process here that will make groups and move its children into them.  Raises OSError.

        Version 2 asks for that: one may move processes only within groups that one may write to.
        """
        if self.unified:
            write(f"{files.made(f'{self.unified}/{HELPER}')}/cgroup.procs", str(pid))

    def make(
        self,
        id: str,  # noqa: A002 (as all of the course calls it)
        memory: int = 0,
        memory_swap: int = 0,
        memory_reservation: int = 0,
        cpus: float = 0,
        pids: int = 0,
    ) -> Group:
        """Return the group of a container, made with its limits (Group); 0 is none.

        ``memory``, ``memory_swap`` (memory and swap together; -1: as much as there is) and ``memory_reservation`` are
        bytes, ``cpus`` processors, ``pids`` processes and threads, as docker has them.  Raises CannotLimit, and has
        made nothing then; OSError if even a group with no limits cannot be made.
        """
        limits = {"memory": memory, "memory_swap": memory_swap, "memory_reservation": memory_reservation}
        asked = files.asked_for({**limits, "cpus": cpus, "pids": pids})
        self._check(asked)
        if not id or "/" in id or id in (".", "..", HELPER):
            raise ValueError(f"{id!r} cannot be the name of a control group")
        group = Group(self, id, {})
        try:
            if "freezer" in self.places:
                group._enter("freezer")
            group._limit(asked)
        except BaseException:
            group.remove()
            raise
        return group

    def _check(self, asked: dict[str, float]) -> None:
        for limit in asked:
            controller = files.CONTROLLERS[limit]
            if controller in self.reasons:
                raise CannotLimit(limit, self.reasons[controller])

    def group(self, id: str) -> Group:  # noqa: A002
        """Return the group of a container that was made before, perhaps by another process (Group)."""
        made = {what: f"{place}/{id}" for what, place in self.places.items() if os.path.exists(f"{place}/{id}")}
        return Group(self, id, made)

    def leftovers(self) -> list[str]:
        """Return the ids of the groups that are there now (list of str, sorted)."""
        ids: set[str] = set()
        for place in set(self.places.values()):
            try:
                ids.update(entry.name for entry in os.scandir(place) if entry.is_dir() and entry.name != HELPER)
            except FileNotFoundError:  # it is removed
                continue
        return sorted(ids)

    def sweep(self) -> None:
        """Remove the groups that have no processes in them."""
        for each in map(self.group, self.leftovers()):
            if not each.pids():
                each.remove()

    def remove(self) -> None:
        """Remove the group itself, with those that have no processes.  Raises OSError (EBUSY: there are others)."""
        self.sweep()
        if self.unified:
            files.removed(f"{self.unified}/{HELPER}")
        for place in {*self.places.values(), self.unified} - {""}:
            files.removed(place)
