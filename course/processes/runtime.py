"""What a container runtime is told and asked: a container's specification, and the operations by runc's names.

The engine knows processes through this alone.  There are two runtimes: ``simulated`` runs anywhere, in memory;
``linux`` asks the kernel.  Rule: runtime-spec config.md and runtime.md.
"""

from collections.abc import Callable, Mapping, Sequence, Set
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Protocol

from course.errors import CourseError
from course.layers.layer import Layer
from course.union.filesystem import UnionFilesystem
from course.union.read_write_layer import ReadWriteLayer

STDOUT, STDERR = 1, 2
CREATE = "OCI runtime create failed: runc create failed: unable to start container process: {}: unknown"
EXEC = "OCI runtime exec failed: exec failed: unable to start container process: {}: unknown"
ADVICE = (  # that the daemon adds, whatever it was that is no directory
    ": Are you trying to mount a directory onto a file (or vice-versa)?"
    " Check if the specified host path exists and is the expected type"
)


class StartError(CourseError):
    """A process that a runtime could not start: in runc's words, with the exit ``status`` that docker gives (int).

    127: there is no such program; 126: there is, and it cannot be run; 125: anything else.  An exec is always 126.
    """

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


def refusal(form: str, reason: str) -> StartError:
    """Return the StartError for runc's ``reason`` (str) inside ``form`` (CREATE or EXEC), with docker's exit status.

    ``docker run`` reads it from the words (docker/cli: cli/command/container/run.go); an exec is 126 in any case.
    """
    message = form.format(reason) + ADVICE * ("not a directory" in reason)
    if form == EXEC:
        return StartError(message, 126)
    if "executable file not found" in reason or "no such file or directory" in reason:
        return StartError(message, 127)
    return StartError(message, 126 if "permission denied" in reason else 125)


@dataclass(frozen=True, slots=True)
class ProcessSpec:
    """A process to start (runtime-spec config.md, "Process").

    ``args`` is the program and its arguments (tuple of str), ``env`` the environment (tuple of ``NAME=value``), ``cwd``
    the working directory (str; made if it is not there), ``user`` whom it runs as, as ``docker run -u`` takes it (str:
    names or numbers, ``user[:group]``; empty for root).  ``terminal`` is whether it has a terminal (bool): its output
    is then one stream.  ``stdin`` is what it reads before the end of its input (bytes); ``stdin_open`` whether that end
    never comes (bool), as for a container that nobody is attached to yet.
    """

    args: tuple[str, ...]
    env: tuple[str, ...] = ()
    cwd: str = "/"
    user: str = ""
    terminal: bool = False
    stdin: bytes = b""
    stdin_open: bool = False


@dataclass(frozen=True, slots=True)
class Mount:
    """Something that a container sees at ``destination`` (str) in place of its own files.

    ``tree`` names the files (str: those that ``Runtime.trees`` has under this name; empty for a tmpfs, which ends with
    the container), ``path`` is the directory or file of that tree (str), ``read_only`` whether it can only be read.
    """

    destination: str
    tree: str = ""
    path: str = "/"
    read_only: bool = False


@dataclass(frozen=True, slots=True)
class Specification:
    """A container as a runtime starts it (runtime-spec config.md).

    ``id`` is its id (str), ``layers`` its read-only layers, the lowest first (tuple of Layer), ``process`` its first
    process (ProcessSpec), ``hostname`` its name in its UTS namespace (str), ``mounts`` in their order (tuple of Mount).
    ``read_only`` is whether the root can only be read (bool), ``init`` whether PID 1 is an init that starts the process
    (bool), ``pids_limit`` how many processes there may be at a time (int; 0: as many as the runtime allows).  ``files``
    are files that the engine gives each container, as mounts of their own: path -> content (mapping of str to bytes),
    such as ``/etc/hosts``.

    The rest is of use to a kernel only.  ``limits`` are those of its control group but ``pids_limit`` (mapping of
    ``memory``, ``memory_swap`` and ``memory_reservation`` in bytes, and ``cpus``), ``cap_add`` and ``cap_drop`` the
    capabilities it has beside docker's default ones, and has not (tuple of str), ``privileged`` whether it has all of
    them and no filter of system calls (bool), ``network`` the name of its network, ``none``, ``host`` or
    ``container:ID`` (str).  ``attached`` is whether it ends with the engine (bool), ``auto_remove`` whether its files
    go when it ends (bool).
    """

    id: str
    layers: tuple[Layer, ...]
    process: ProcessSpec
    hostname: str = ""
    mounts: tuple[Mount, ...] = ()
    read_only: bool = False
    init: bool = False
    pids_limit: int = 0
    files: Mapping[str, bytes] = field(default_factory=dict)
    limits: Mapping[str, float] = field(default_factory=dict)
    cap_add: tuple[str, ...] = ()
    cap_drop: tuple[str, ...] = ()
    privileged: bool = False
    network: str = "none"
    attached: bool = True
    auto_remove: bool = False


@dataclass(frozen=True, slots=True)
class Output:
    """Bytes that a container's first process, or what it started, has written: ``stream`` is STDOUT or STDERR.

    ``time`` is nanoseconds since 1970 (int), ``data`` a line or, at the end, a part of one (bytes).
    """

    time: int
    stream: int
    data: bytes


@dataclass(frozen=True, slots=True)
class ProcessInfo:
    """One process as ps(1) lists it, by the container's numbers; ``started`` is nanoseconds since 1970 (int)."""

    uid: int
    pid: int
    ppid: int
    started: int
    command: str


@dataclass(frozen=True, slots=True)
class News:
    """What became of one container since it was last asked about.

    ``written`` is its read-write layer (ReadWriteLayer, a copy that nobody changes), ``output`` what its first process
    has written since (tuple of Output), ``status`` its exit status (int; None while it runs), ``finished`` when it
    ended (int, ns).
    """

    id: str
    written: ReadWriteLayer
    output: tuple[Output, ...]
    status: int | None
    finished: int = 0


class Execution(Protocol):
    """A process that ``exec`` has started beside a container's first: what it has written, and its exit status."""

    output: list[Output]

    @property
    def status(self) -> int | None:
        """The exit status (int), or None while it runs."""
        ...


class Runtime(Protocol):
    """Starts containers, and tells what becomes of them.

    ``pace`` is how long each command of the engine takes at least (int, ns), ``patience`` how long one waits for what
    may never come (int, ns).
    """

    pace: int
    patience: int
    trees: dict[str, ReadWriteLayer]
    """Files that containers share (volumes, say), by name: given by the engine, kept up to date by ``news``."""

    def new_layer(self, container: str, layers: tuple[Layer, ...]) -> ReadWriteLayer:
        """Return the read-write layer of a ``container`` (str) on ``layers`` that has written nothing yet."""
        ...

    def new_tree(self, name: str) -> ReadWriteLayer:
        """Return what the new tree ``name`` (str, such as ``volume:NAME``) holds: nothing (ReadWriteLayer)."""
        ...

    def start(self, specification: Specification, written: ReadWriteLayer) -> int:
        """Start a container on what was ``written`` in it so far.

        Returns the number of its first process on the host (int; 0: there is no host).  Raises StartError.
        """
        ...

    def meet_again(self, container: str) -> tuple[int, int] | None:
        """Find a ``container`` (str) that was running under an engine before.

        Returns None if it still runs, or else its exit status and when it ended (int, and int in ns).
        """
        ...

    def settle(self, running: Set[str]) -> None:
        """End every container that is not among those that are to be ``running`` (set of ids): a command has failed."""
        ...

    def close(self) -> None:
        """Let go of everything; what nobody detached ends."""
        ...

    def exec(self, container: str, process: ProcessSpec) -> Execution:
        """Start a process beside the first one of a running container (Execution).  Raises StartError."""
        ...

    def kill(self, container: str, signal: int) -> None:
        """Send ``signal`` (int) to the first process, from outside."""
        ...

    def pause(self, container: str) -> None:
        """Freeze all processes (cgroup freezer)."""
        ...

    def resume(self, container: str) -> None:
        """Let them go on."""
        ...

    def ps(self, container: str) -> list[ProcessInfo]:
        """Return the processes (list of ProcessInfo)."""
        ...

    def filesystem(self, container: str) -> UnionFilesystem:
        """Return the file system of a running container as its root sees it (UnionFilesystem)."""
        ...

    def mounted(
        self, container: str, layers: tuple[Layer, ...], mounts: Sequence[Mount]
    ) -> AbstractContextManager[UnionFilesystem] | None:
        """Mount the files of a ``container`` (str) on ``layers`` with ``mounts``, running or not, for ``docker cp``.

        What is written to them stays, also if something fails then.  None: they are in memory, and nothing is to be
        mounted.
        """
        ...

    def tree(self, name: str) -> UnionFilesystem | None:
        """Return the files ``name`` (str) of ``trees`` as running containers see them, or None: none has them."""
        ...

    def run(self, until: Callable[[], bool], deadline: int) -> bool:
        """Let all containers run until ``until`` says so, or the clock shows ``deadline`` (int, ns since 1970).

        Returns whether ``until`` came true (bool).  If nothing that still happens could make it true, or if programs
        compute without end, False comes earlier than the deadline: the clock stays where it is then.
        """
        ...

    @property
    def has_ended(self) -> bool:
        """Whether a container has ended since ``news`` was last called (bool)."""
        ...

    def news(self) -> list[News]:
        """Return what became of the containers that did something since this was last called (list of News).

        Those that have ended are forgotten with it.  ``trees`` holds afterwards what they have written in shared files.
        """
        ...
