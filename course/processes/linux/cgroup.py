"""One control group: its processes, its limits, what it uses; frozen, killed and removed as a whole.

Rule: the kernel's cgroup-v1/freezer-subsystem.rst and cgroup-v2.rst.  Part of the small helper process.
"""

from __future__ import annotations

import errno
import os
import time

from course.processes.linux import cgroup_files as files
from course.processes.linux.cgroup_files import CannotLimit, read, reason, removed, write

TYPE_CHECKING = False
if TYPE_CHECKING:
    from course.processes.linux.cgroups import Parent

LIMITING = ("memory", "pids", "cpu")
FREEZING = 5.0  # seconds that a group may take to freeze


class Group:
    """The control group of one container: ``made`` is its directory for each thing that it does (dict of str)."""

    __slots__ = ("id", "made", "parent")

    def __init__(self, parent: Parent, id: str, made: dict[str, str]) -> None:  # noqa: A002
        self.parent, self.id, self.made = parent, id, made

    def add(self, pid: int) -> None:
        """Move process ``pid`` (int) here, before it starts others, and before it has another user.  Raises OSError."""
        for directory in set(self.made.values()):
            write(f"{directory}/cgroup.procs", str(pid))

    def pids(self) -> list[int]:
        """Return the processes in it (list of int), by the numbers that this process knows them by."""
        found: set[int] = set()
        for directory in set(self.made.values()):
            try:
                found.update(map(int, read(f"{directory}/cgroup.procs").split()))
            except FileNotFoundError:  # it is removed
                continue
        return sorted(found)

    def freeze(self) -> None:
        """Stop all its processes, and return once they are.  Raises CannotLimit; TimeoutError: they go on then."""
        self._turn(frozen=True)

    def thaw(self) -> None:
        """Let them go on.  Raises CannotLimit."""
        self._turn(frozen=False)

    def _turn(self, *, frozen: bool) -> None:
        if "freezer" not in self.made:
            raise CannotLimit("freezer", self.parent.reasons.get("freezer", files.NOT_THERE))
        directory = self.made["freezer"]
        end = time.monotonic() + FREEZING
        self._say(directory, frozen=frozen)
        while self._is_frozen(directory) != frozen:
            if time.monotonic() > end:
                self._say(directory, frozen=False)
                raise TimeoutError(errno.ETIMEDOUT, os.strerror(errno.ETIMEDOUT), directory)
            time.sleep(0.001)

    def _say(self, directory: str, *, frozen: bool) -> None:
        if self._version(directory) == 2:
            write(f"{directory}/cgroup.freeze", str(int(frozen)))
        else:
            write(f"{directory}/freezer.state", "FROZEN" if frozen else "THAWED")

    def _is_frozen(self, directory: str) -> bool:
        """Return whether all have stopped (bool); version 1 asks them once more by being read."""
        if self._version(directory) == 2:
            return files.table(read(f"{directory}/cgroup.events"))["frozen"] == 1
        return read(f"{directory}/freezer.state") == "FROZEN"

    def _version(self, directory: str) -> int:
        return 2 if directory == f"{self.parent.unified}/{self.id}" else 1

    def kill(self) -> bool:
        """Kill all its processes at once, frozen or not; return whether the kernel can (bool)."""
        if "kill" in self.made:
            write(f"{self.made['kill']}/cgroup.kill", "1")
        return "kill" in self.made

    def update(self, **limits: float) -> None:
        """Set other limits (as ``Parent.make`` takes them; 0 leaves one as it is), and leave the rest.

        Raises CannotLimit: those before it, in the order of ``make``, are set then.
        """
        now = self.limits()
        if limits.get("memory_swap"):
            limits = {"memory": now.get("memory", 0)} | limits
        asked = files.asked_for(limits)
        self.parent._check(asked)
        if "memory_swap" in asked and asked["memory"] > now.get("memory_swap", 0):  # memory may never be the larger one
            asked = {"memory_swap": asked["memory_swap"]} | asked
        self._limit(asked)

    def _limit(self, asked: dict[str, float]) -> None:
        for controller in LIMITING:
            mine = {limit: value for limit, value in asked.items() if files.CONTROLLERS[limit] == controller}
            if not mine:
                continue
            directory = self._enter(controller)
            version = self._version(directory)
            for limit, text in files.lines(version, mine):
                try:
                    write(f"{directory}/{files.FILES[version][limit]}", text)
                except FileNotFoundError:
                    raise CannotLimit(limit, files.NO_FILE) from None
                except OSError as error:
                    raise CannotLimit(limit, reason(error)) from error

    def _enter(self, what: str) -> str:
        """Return the directory for ``what`` (str), made if it is not there yet: with the processes that there are."""
        if what in self.made:
            return self.made[what]
        place = self.parent.places[what]
        directory = f"{place}/{self.id}"
        os.mkdir(directory, 0o755)
        moved: set[int] = set()
        while there := set(self.pids()) - moved:  # those that were not moved yet may have started others
            for pid in there:
                try:
                    write(f"{directory}/cgroup.procs", str(pid))
                except ProcessLookupError:  # it has ended
                    continue
            moved |= there
        self.made.update({each: directory for each, other in self.parent.places.items() if other == place})
        return directory

    def limits(self) -> dict[str, float]:
        """Return the limits that the kernel has noted, by the names of ``Parent.make`` (dict); 0 is none."""
        found: dict[str, float] = {}
        for what, directory in self.made.items():
            found |= files.limits(self._version(directory), directory, what)
        return found

    def usage(self) -> dict[str, int]:
        """Return what it uses now, as far as that is counted (dict of str to int).

        ``memory`` in bytes, ``oom_kills`` processes killed for want of it, ``pids`` processes, ``cpu`` nanoseconds.
        """
        found: dict[str, int] = {}
        for what, directory in self.made.items():
            found |= files.usage(self._version(directory), directory, what)
        return found

    def remove(self) -> None:
        """Remove it, once its last process has ended; nothing, if it is gone.  Raises OSError (EBUSY: it has others).

        Frozen processes of version 1 do not end: thaw them.
        """
        for directory in set(self.made.values()):
            removed(directory)
        self.made = {}
