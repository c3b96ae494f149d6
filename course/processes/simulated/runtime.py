"""The simulated runtime: containers whose processes are programs of the simulator, all on one clock."""

from collections import Counter
from collections.abc import Callable, Sequence, Set
from functools import lru_cache
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from course.layers.layer import Layer
from course.processes.runtime import (
    Execution,
    Mount,
    News,
    Output,
    ProcessInfo,
    ProcessSpec,
    Specification,
)
from course.processes.simulated import starting
from course.processes.simulated.mounting import Mounter
from course.processes.simulated.output import streams
from course.processes.simulated.process import Process
from course.processes.simulated.schedule import Schedule
from course.processes.simulated.space import LIMIT, Clock, ProcessSpace, builtin_programs
from course.union.filesystem import UnionFilesystem
from course.union.read_write_layer import ReadWriteLayer
from course.union.view import UnionView

if TYPE_CHECKING:
    from course.processes.simulated.space import Pipes

SECOND = 10**9  # nanoseconds


class Container:
    """A container with its processes: its ``space`` (ProcessSpace), the ``first`` process (Process), its ``trees``.

    ``log`` is what was written since it was last asked for (list of Output).
    """

    __slots__ = ("first", "id", "log", "space", "trees")

    def __init__(self, identity: str, space: ProcessSpace, trees: frozenset[str]) -> None:
        self.id, self.space, self.trees = identity, space, trees
        self.log: list[Output] = []
        self.first: Process

    def news(self) -> News:
        """Return what became of it (News)."""
        output, status = tuple(self.log), self.first.status
        self.log.clear()
        ended = 0 if status is None else self.first.ended
        return News(self.id, self.space.fs.read_write_layer.copy(), output, status, ended)


class Executed:
    """A process that ``exec`` has started (Execution)."""

    def __init__(self) -> None:
        self.output: list[Output] = []
        self.process: Process

    @property
    def status(self) -> int | None:
        """The exit status (int), or None while it runs."""
        return self.process.status


class SimulatedRuntime:
    """A Runtime without a kernel: its containers share the ``clock`` (Clock) and the built-in programs.

    Time passes in ``run`` alone: a round of turns takes 0.1 ms, and when all processes wait the clock jumps.

    >>> from course.layers.small_image import small_image
    >>> runtime = SimulatedRuntime(Clock())
    >>> image, process = small_image("base:1"), ProcessSpec(("sh", "-c", "echo hi; exit 3"), ("PATH=/bin",))
    >>> _ = runtime.start(Specification("c1", image.layers, process), ReadWriteLayer())
    >>> runtime.run(until=lambda: False, deadline=10**9)
    False
    >>> [(news.id, news.status, news.output[0].data) for news in runtime.news()]
    [('c1', 3, b'hi\\n')]
    """

    pace = SECOND
    patience = 1200 * SECOND  # a person would press ^C long before

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.trees: dict[str, ReadWriteLayer] = {}
        self._containers: dict[str, Container] = {}
        self._by_space: dict[ProcessSpace, Container] = {}
        self._mounted: Counter[str] = Counter()  # in how many containers each tree is
        self._mounter = Mounter(clock)
        self._schedule = Schedule(clock)
        self._programs = builtin_programs()
        self._pipes: Pipes = WeakKeyDictionary()

    def new_layer(self, container: str, layers: tuple[Layer, ...]) -> ReadWriteLayer:
        """Return the read-write layer of a container that has written nothing yet, one for all on the same layers."""
        return empty_layer(layers)

    def new_tree(self, name: str) -> ReadWriteLayer:
        """Return a tree that holds nothing (ReadWriteLayer)."""
        return ReadWriteLayer.on(UnionView([]), self.clock.now)

    def meet_again(self, container: str) -> tuple[int, int] | None:
        """Say that it ended (255, as docker has it after a crash): nothing of a simulation outlives it."""
        return 255, self.clock.now

    def settle(self, running: Set[str]) -> None:
        """Leave what runs: the engine starts processes afresh after a failure."""

    def close(self) -> None:
        """Nothing is held."""

    def start(self, specification: Specification, written: ReadWriteLayer) -> int:
        """Start a container on what was ``written`` in it so far, which is copied.  Raises StartError."""
        trees = frozenset(mount.tree for mount in specification.mounts if mount.tree)
        try:
            fs = self._mounter.filesystem(specification, written, self.trees)
            space = ProcessSpace(fs, self.clock, specification.hostname, self._programs, self._pipes)
            space.limit = specification.pids_limit or LIMIT
            container = Container(specification.id, space, trees)
            process = specification.process
            given = streams(container.log, self.clock, process.stdin, process.stdin_open, process.terminal)
            container.first = starting.first(space, process, given, specification.init)
        except BaseException:
            self._forget_trees(trees)
            raise
        self._mounted.update(trees)
        self._containers[container.id] = self._by_space[space] = container
        self._schedule.add(space, bool(trees))
        return 0

    def exec(self, container: str, process: ProcessSpec) -> Execution:
        """Start a process beside the first one of a running container (Execution).  Raises StartError."""
        space, execution = self._containers[container].space, Executed()
        given = streams(execution.output, self.clock, process.stdin, process.stdin_open, process.terminal)
        execution.process = starting.beside(space, process, given)
        self._schedule.wake(space)
        return execution

    def kill(self, container: str, signal: int) -> None:
        """Send ``signal`` (int) to the first process, from outside."""
        found = self._containers[container]
        found.space.send(found.first, signal, outside=True)
        self._schedule.wake(found.space)
        if found.first.status is not None:
            self._schedule.ran[found.space] = None

    def pause(self, container: str) -> None:
        """Freeze all processes (cgroup freezer)."""
        space = self._containers[container].space
        space.freeze()
        self._schedule.wake(space)  # so that it is asked again, and waits for no time any more

    def resume(self, container: str) -> None:
        """Let them go on."""
        space = self._containers[container].space
        space.thaw()
        self._schedule.wake(space)

    def ps(self, container: str) -> list[ProcessInfo]:
        """Return the processes (list of ProcessInfo), in the order of their numbers."""
        return [
            ProcessInfo(
                process.fs.uid, pid, process.parent.pid if process.parent else 0, process.started, _command(process)
            )
            for pid, process in sorted(self._containers[container].space.processes.items())
        ]

    def filesystem(self, container: str) -> UnionFilesystem:
        """Return the file system of a running container as its root sees it (UnionFilesystem)."""
        space = self._containers[container].space
        self._schedule.wake(space)
        self._schedule.ran[space] = None  # for whoever asks may write
        return space.fs.fork()

    def mounted(self, container: str, layers: tuple[Layer, ...], mounts: Sequence[Mount]) -> None:
        """Mount nothing: all is in memory."""

    def tree(self, name: str) -> UnionFilesystem | None:
        """Return the files ``name`` (str) of ``trees`` as running containers see them, or None: none has them."""
        users = (identity for identity, container in self._containers.items() if name in container.trees)
        user = next(users, None)
        if user is None:
            return None
        self.filesystem(user)  # for whoever asks may write
        return self._mounter.live[name].fork()

    def run(self, until: Callable[[], bool], deadline: int) -> bool:
        """Let all containers run until ``until`` says so, or the clock shows ``deadline`` (int, ns since 1970).

        Returns whether ``until`` came true (bool).  If nothing that still happens could make it true, or if programs
        compute without end, False comes earlier than the deadline: the clock stays where it is then.
        """
        return self._schedule.run(until, deadline)

    @property
    def has_ended(self) -> bool:
        """Whether a container has ended since ``news`` was last called (bool)."""
        return any(self._by_space[space].first.status is not None for space in self._schedule.ran)

    def news(self) -> list[News]:
        """Return what became of the containers that did something since this was last called (list of News).

        Those that have ended are forgotten with it.  ``trees`` holds afterwards what they have written in shared files.
        """
        touched = [self._by_space[space] for space in self._schedule.ran]
        self._schedule.ran.clear()
        for name in {name for container in touched for name in container.trees}:
            self.trees[name] = self._mounter.live[name].read_write_layer.copy()
        found = [container.news() for container in touched]
        for container in touched:
            if container.first.status is not None:
                self._forget(container)
        return found

    def _forget(self, container: Container) -> None:
        self._schedule.remove(container.space)
        del self._containers[container.id], self._by_space[container.space]
        self._mounted.subtract(container.trees)
        self._forget_trees(container.trees)

    def _forget_trees(self, names: frozenset[str]) -> None:
        """Let go of those trees that no container has any more."""
        for name in names:
            if not self._mounted[name]:
                del self._mounted[name]
                self._mounter.live.pop(name, None)


@lru_cache(maxsize=64)
def empty_layer(layers: tuple[Layer, ...]) -> ReadWriteLayer:
    """Return the read-write layer of a container that has written nothing yet (ReadWriteLayer), one for all of them."""
    return ReadWriteLayer.on(UnionView(layers))


def _command(process: Process) -> str:
    """Return the command line (str) as ps(1) shows it."""
    if process.is_zombie:
        return f"[{process.argv[0].rsplit('/', 1)[-1]}] <defunct>"
    return " ".join(process.argv)
