"""A process space: the processes of one PID namespace, taken in turn on a clock of their own (pid_namespaces(7))."""

import errno
import stat
from collections.abc import Mapping
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from course.errors import Deadlock
from course.processes.simulated import executable, signals
from course.processes.simulated.process import TURN, Ended, Process, Program, Replaced, Run, Waiting
from course.processes.simulated.streams import Pipe, Sink, Source, Stream
from course.union.errnos import failure

if TYPE_CHECKING:
    from course.union.filesystem import UnionFilesystem
    from course.union.overlay import Overlay

    Pipes = WeakKeyDictionary[Overlay, dict[int, Pipe]]  # those with a name, by file system and inode number

LIMIT = 1000  # processes at a time, so that a fork bomb hurts the simulated machine only
SLICE = 100_000  # nanoseconds that a round takes in which each process that can run has run up to its next wait


class Clock:
    """A clock that can be set (``now``: int, nanoseconds since 1970); calling it tells the time.

    >>> clock = Clock(5)
    >>> clock.now += 10
    >>> clock()
    15
    """

    def __init__(self, now: int = 0) -> None:
        self.now = now

    def __call__(self) -> int:
        """Return the time (int, nanoseconds since 1970)."""
        return self.now


class ProcessSpace:
    """The processes of one PID namespace.

    ``fs`` is the file system as the first process sees it (UnionFilesystem), ``clock`` the machine's clock (Clock; by
    default the file system's own, or one that begins with the time that it tells), which the file system goes by from
    then on.  ``hostname`` is its name (str), ``programs`` are the built-in programs by name (mapping of str to
    Program), ``processes`` those that are there, by pid (dict of int to Process), zombies included; ``frozen`` is
    whether the freezer of the control group holds all of them (bool), ``limit`` how many there may be at a time (int).
    ``pipes`` are the pipes with a name of the files that it sees (Pipes), which it may share with other spaces.
    """

    def __init__(
        self,
        fs: "UnionFilesystem",
        clock: Clock | None = None,
        hostname: str = "box",
        programs: Mapping[str, Program] | None = None,
        pipes: "Pipes | None" = None,
    ) -> None:
        told = fs.overlay.clock
        self.clock = clock or (told if isinstance(told, Clock) else Clock(told()))
        for mount in fs.mounts:
            mount.overlay.clock = self.clock  # one machine, one clock: what `date` says, files get
        self.fs, self.hostname = fs, hostname
        self.programs = builtin_programs() if programs is None else programs
        self.processes: dict[int, Process] = {}
        self.frozen, self.limit = False, LIMIT
        self.current: Process | None = None
        self.pipes: Pipes = WeakKeyDictionary() if pipes is None else pipes
        self._last_pid = 0

    def start(
        self,
        program: Program | list[str],
        argv: list[str] | None = None,
        env: Mapping[str, str] | None = None,
        streams: Mapping[int, Stream] | None = None,
        fs: "UnionFilesystem | None" = None,
    ) -> Process:
        """Start a process from outside (the first one is PID 1) and return it (Process); nothing runs yet.

        ``program`` is a Program with its ``argv`` (list of str), or the arguments alone, whose first is looked up in
        PATH.  ``env`` is the environment, ``streams`` the open descriptors (mapping of int to Stream; by default an
        empty input and two Sinks), ``fs`` the view to start with.  Raises OSError as execve(2).
        """
        given = {0: Source(), 1: Sink(), 2: Sink()} if streams is None else streams
        process = self.born(None, fs or self.fs.fork(), [])
        process.env = dict(env or {})
        for fd, stream in given.items():
            process.attach(stream, fd)
        try:
            found, arguments = (
                executable.find(process, program) if isinstance(program, list) else (program, list(argv or ["init"]))
            )
        except OSError:
            self._end(process, 127)
            if not self.processes:
                self._last_pid = 0  # the first that does start is PID 1
            raise
        process.argv = arguments
        process.progress = found(process, arguments)
        return process

    def born(self, parent: Process | None, fs: "UnionFilesystem", argv: list[str]) -> Process:
        """Return a new process (Process) with the next number, which has no program yet.

        Raises OSError: EAGAIN if there are as many as there may be.
        """
        if parent and len(self.processes) >= self.limit:  # who comes from outside is let in, as by runc
            raise failure(errno.EAGAIN)
        self._last_pid += 1
        process = Process(self, self._last_pid, parent, fs, argv)
        self.processes[process.pid] = process
        if parent:
            parent.children.append(process)
        return process

    def pipe_at(self, fs: "UnionFilesystem", path: str) -> Pipe | None:
        """Return the pipe (Pipe) whose name ``path`` (str) is in ``fs``, or None: it is no FIFO.  Raises OSError."""
        found = fs.stat(path)
        if not stat.S_ISFIFO(found.st_mode):
            return None
        return self.pipes.setdefault(fs.mounted_at(path).overlay, {}).setdefault(found.st_ino, Pipe())

    # Taking turns

    def run(self, until: Process | None = None, deadline: int | None = None) -> None:
        """Let the processes run until ``until`` (Process) has ended; without it, until none can run any more.

        ``deadline`` (int, nanoseconds since 1970) is when to stop in any case.  Raises Deadlock: ``until`` will never
        end.  After a KeyboardInterrupt the process that was running has ended by SIGINT; the others can go on.
        """
        while until is None or until.status is None:
            if deadline is not None and self.clock.now >= deadline:
                return
            if self.round():
                self.clock.now += SLICE
                continue
            times = [time for time in (self.next_alarm(), deadline) if time is not None]
            if times:
                self.clock.now = max(self.clock.now, min(times))
            elif until is None:
                return
            else:
                raise Deadlock(self._what_all_wait_for())

    def round(self) -> bool:
        """Let each process that can run do so up to its next wait; return whether there was one (bool)."""
        ran = False
        for process in tuple(self.processes.values()):
            if self._can_run(process):
                self._step(process)
                ran = True
        return ran

    def next_alarm(self) -> int | None:
        """Return when the first process is to be woken that waits for a time (int, ns), or None."""
        waits = (process.waiting.until for process in self.processes.values() if self._is_awake(process))
        return min((until for until in waits if until is not None), default=None)

    def _held(self, process: Process) -> bool:
        return self.frozen or process.stopped

    def _is_awake(self, process: Process) -> bool:
        return process.status is None and not self._held(process)

    def _can_run(self, process: Process) -> bool:
        if not self._is_awake(process):
            return False
        waiting = process.waiting
        return (waiting.until is not None and self.clock.now >= waiting.until) or waiting.ready()

    def _step(self, process: Process) -> None:
        """Let ``process`` run up to its next wait, its end, or its replacement by another program."""
        assert process.progress is not None  # noqa: S101 (every process that is started has a program)
        self.current = process
        status = 128 + signals.SIGINT  # if Ctrl-C ends the step
        try:
            process.waiting = next(process.progress)
        except StopIteration as end:
            status = end.value
        except Ended as end:
            status = end.status
        except Replaced:
            process.waiting = TURN
            return
        except RecursionError:  # what an endless recursion comes to on a real machine
            status = 128 + signals.SIGSEGV
        except BaseException:
            self.current = None
            self._end(process, status)
            raise
        else:
            return
        finally:
            self.current = None
        self._end(process, status & 0xFF)

    def _what_all_wait_for(self) -> str:
        there = [process for process in self.processes.values() if process.status is None]
        return "; ".join(
            f"process {process.pid} ({' '.join(process.argv)}) "
            + (
                "is frozen"
                if self.frozen
                else "is stopped"
                if process.stopped
                else f"waits for {process.waiting.reason}"
            )
            for process in there
        )

    # Signals and ends

    def send(self, process: Process, signal: int, outside: bool = False) -> None:
        """Send ``signal`` (int) to ``process`` (Process); ``outside`` says that the sender is not of this space.

        PID 1 gets only what it has a handler for; SIGKILL and SIGSTOP from outside reach it all the same, and SIGCONT
        lets go on whom it reaches and whom it does not.  Rule: signal(7), pid_namespaces(7).
        """
        if signal == signals.SIGCONT and process.stopped:
            process.stopped = False
            if not self.frozen:
                self._release(process)  # which may end it
        if process.status is not None:
            return
        handler = process.handlers.get(signal)
        forced = signal in signals.UNCATCHABLE
        if process.pid == 1 and handler is None and not (outside and forced):
            return
        if self._held(process) and signal not in (signals.SIGKILL, signals.SIGCONT):
            if signal not in process.pending:  # which counts once, however often it comes
                process.pending.append(signal)
            return
        if handler and not forced:
            handler(signal)
        elif signal in signals.STOPPING:
            process.stopped = True
        elif signal not in signals.WITHOUT_EFFECT:
            if process is self.current:
                raise Ended(128 + signal)
            self._end(process, 128 + signal)

    def kill(self, pid: int, signal: int = signals.SIGTERM) -> None:
        """Send ``signal`` (int) from outside to the process ``pid`` (int).  Raises KeyError: there is none."""
        self.send(self.processes[pid], signal, outside=True)

    def freeze(self) -> None:
        """Hold every process where it is, as the freezer of a control group does."""
        self.frozen = True

    def thaw(self) -> None:
        """Let the processes go on."""
        self.frozen = False
        for process in tuple(self.processes.values()):
            self._release(process)

    def _release(self, process: Process) -> None:
        pending, process.pending = process.pending, []
        for signal in pending:
            self.send(process, signal)

    def _end(self, process: Process, status: int) -> None:
        """End ``process`` (Process): its descriptors close, its children go to PID 1; with PID 1 all others end."""
        if process.status is not None:
            return
        process.status, process.ended = status, self.clock()
        try:
            if process.progress:
                process.progress.close()
        finally:
            for fd in tuple(process.fds):
                process.close(fd)
        if process.pid == 1:
            for other in tuple(self.processes.values()):
                self._end(other, 128 + signals.SIGKILL)
            self.processes.clear()
            return
        self._orphan(process)
        if process.parent is None:
            self.processes.pop(process.pid, None)
        else:
            self.send(process.parent, signals.SIGCHLD)

    def _orphan(self, process: Process) -> None:
        """Give the children of ``process`` (Process) to PID 1, which is to wait for them."""
        first = self.processes.get(1)
        for child in process.children:
            child.parent = first
            if first:
                first.children.append(child)
        process.children = []

    def reap(self, process: Process) -> None:
        """Remove a zombie (Process) from the table: its parent has seen its status."""
        self.processes.pop(process.pid, None)
        if process.parent:
            process.parent.children.remove(process)


def init(process: Process, _argv: list[str]) -> Run:
    """Wait for whatever ends, for ever: the least that a PID 1 has to do."""
    while True:
        try:
            yield from process.wait()
        except ChildProcessError:
            yield Waiting(lambda: bool(process.children), reason="a child to end")


def builtin_programs() -> Mapping[str, Program]:
    """Return the course's programs by name (mapping of str to Program), the shell among them."""
    from course.processes.simulated.programs import PROGRAMS  # not at the top: the programs import this module
    from course.processes.simulated.shell.invocation import sh

    return {"sh": sh, **PROGRAMS}
