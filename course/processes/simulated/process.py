"""A process: a program in progress, with a number, a parent, open descriptors, an environment and a view of the files.

A program is a generator: it runs until it must wait, then yields what it waits for.  Nothing else is needed for many of
them to run side by side: ``space.py`` takes them in turn, on a clock that moves on when all of them wait.
"""

import errno
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

from course.processes.simulated import executable, signals
from course.processes.simulated.streams import FileStream, Pipe, PipeEnd, Stream
from course.union.errnos import failure
from course.union.flags import O_ACCMODE, O_RDWR

if TYPE_CHECKING:
    from course.processes.simulated.space import ProcessSpace
    from course.union.filesystem import UnionFilesystem

CHUNK = 65536  # bytes taken in one read


@dataclass(frozen=True, slots=True)
class Waiting:
    """What a process waits for: until ``ready`` says so (a function that returns bool), or the clock shows ``until``.

    ``until`` is nanoseconds on the space's clock (int), or None for no limit.  ``reason`` names it for people (str).
    """

    ready: Callable[[], bool]
    until: int | None = None
    reason: str = ""


def _always() -> bool:
    return True


TURN = Waiting(_always, reason="its turn")
"""What a process yields that could go on, but lets others have their turn."""

Run = Generator[Waiting, None, int]
"""A program in progress: yields what it waits for, returns its exit status (int, 0 to 255)."""

Program = Callable[["Process", list[str]], Run]
"""A program: takes its process and its arguments (list of str; the first is the name it was called by)."""

Handler = Callable[[int], None]
"""What a process does on a signal (int): a function that is called between two of its steps."""


class Ended(BaseException):
    """Ends the process that raises it, whatever it is doing: ``status`` (int) is what its parent will see."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Replaced(BaseException):
    """Leaves a program whose process runs another by now (execve(2))."""


def ignore(_signal: int) -> None:
    """Do nothing: the handler of a signal that is ignored (SIG_IGN)."""


class Process:
    """One process of a ``space`` (ProcessSpace).

    ``pid`` is its number (int), ``parent`` the process that waits for it (Process, or None: whoever started the space),
    ``fs`` its own view of the file system: user, working directory, umask (UnionFilesystem), ``argv`` and ``env`` what
    it was started with (list of str, dict of str to str), ``fds`` its descriptors (dict of int to Stream), ``group``
    its process group (int), ``status`` its exit status once it has ended (int, 128 + n after signal n), ``stopped``
    whether SIGSTOP holds it (bool), ``started`` and ``ended`` when that was (int, nanoseconds since 1970).  A process
    that has ended stays in the table as a zombie until it is waited for.
    """

    def __init__(
        self, space: "ProcessSpace", pid: int, parent: "Process | None", fs: "UnionFilesystem", argv: list[str]
    ) -> None:
        self.space, self.pid, self.parent, self.fs, self.argv = space, pid, parent, fs, argv
        self.env: dict[str, str] = {}
        self.fds: dict[int, Stream] = {}
        self.handlers: dict[int, Handler] = {}
        self.children: list[Process] = []
        self.group = pid
        self.status: int | None = None
        self.stopped = False
        self.pending: list[int] = []  # signals that reach it once it is no longer held
        self.started = self.ended = space.clock()
        self.waiting = TURN
        self.progress: Run | None = None

    def __repr__(self) -> str:
        return f"<Process {self.pid}: {' '.join(self.argv)}>"

    @property
    def is_zombie(self) -> bool:
        """Whether it has ended and nobody has waited for it yet (bool)."""
        return self.status is not None and self.pid in self.space.processes

    # Descriptors

    def stream(self, fd: int) -> Stream:
        """Return what descriptor ``fd`` (int) refers to (Stream).  Raises OSError: EBADF."""
        if fd not in self.fds:
            raise failure(errno.EBADF)
        return self.fds[fd]

    def read(self, fd: int, count: int) -> Generator[Waiting, None, bytes]:
        """Return at most ``count`` bytes as soon as there are any, b"" at the end.  Raises OSError."""
        stream = self.stream(fd)
        while (data := stream.read(count)) is None:
            yield Waiting(stream.readable, reason=f"something to read from descriptor {fd}")
        if data and stream.endless:
            yield TURN  # for who reads all of /dev/zero would never let anybody else have one
        return data

    def read_all(self, fd: int = 0) -> Generator[Waiting, None, bytes]:
        """Return everything up to the end (bytes).  Raises OSError."""
        data = bytearray()
        while piece := (yield from self.read(fd, CHUNK)):
            data += piece
        return bytes(data)

    def write(self, fd: int, data: bytes) -> Generator[Waiting, None, None]:
        """Write all of ``data`` (bytes).  Raises OSError; a pipe that nobody reads ends the process by SIGPIPE."""
        yield from self.write_to(self.stream(fd), data)

    def write_to(self, stream: Stream, data: bytes) -> Generator[Waiting, None, None]:
        """Write all of ``data`` (bytes) to ``stream`` (Stream), whether a descriptor refers to it or not."""
        rest = memoryview(data)
        while rest:
            try:
                taken = stream.write(rest)
            except BrokenPipeError:
                self.space.send(self, signals.SIGPIPE)
                raise
            if not taken:
                yield Waiting(stream.writable, reason="room to write")
            rest = rest[taken:]

    def print(self, text: str) -> Generator[Waiting, None, None]:
        """Write ``text`` (str) to standard output as it stands, without a newline of its own.  Raises OSError."""
        yield from self.write(1, text.encode("utf-8", "surrogateescape"))

    def complain(self, text: str) -> Generator[Waiting, None, None]:
        """Write ``text`` (str) and a newline to standard error, if that is open."""
        if 2 in self.fds:
            yield from self.write(2, f"{text}\n".encode("utf-8", "surrogateescape"))

    def open(self, path: str, flags: int, mode: int = 0o666) -> int:
        """Open ``path`` (str) and return the lowest free descriptor (int).  Raises OSError."""
        return self.attach(self.opened(path, flags, mode))

    def opened(self, path: str, flags: int, mode: int = 0o666) -> Stream:
        """Open ``path`` (str) and return what a descriptor could refer to (Stream).  Raises OSError."""
        try:
            file = self.fs.open_file(path, flags, mode)
        except OSError as error:
            if error.errno in (errno.ENXIO, errno.EAGAIN) and (pipe := self.space.pipe_at(self.fs, path)):
                return PipeEnd(pipe, reads=not flags & O_ACCMODE, writes=bool(flags & O_ACCMODE))
            raise
        if flags & O_ACCMODE == O_RDWR and (pipe := self.space.pipe_at(self.fs, path)):
            return PipeEnd(pipe, reads=True, writes=True)
        return FileStream(file)

    def attach(self, stream: Stream, lowest: int = 0) -> int:
        """Give ``stream`` (Stream) the first free descriptor from ``lowest`` (int) on, and return it (int)."""
        fd = lowest
        while fd in self.fds:
            fd += 1
        self.fds[fd] = stream
        stream.holders += 1
        return fd

    def close(self, fd: int) -> None:
        """Close descriptor ``fd`` (int).  Raises OSError: EBADF."""
        stream = self.stream(fd)
        del self.fds[fd]
        stream.holders -= 1
        if not stream.holders:
            stream.released()

    def dup2(self, old: int, new: int) -> None:
        """Let descriptor ``new`` (int) refer to what ``old`` (int) refers to.  Raises OSError: EBADF."""
        stream = self.stream(old)
        if old == new:
            return
        if new in self.fds:
            self.close(new)
        self.attach(stream, new)

    def pipe(self) -> tuple[int, int]:
        """Make a pipe and return its descriptors: the end to read from, the end to write to (pair of int)."""
        pipe = Pipe()
        return self.attach(PipeEnd(pipe, reads=True)), self.attach(PipeEnd(pipe, writes=True))

    # Other processes

    def fork(self, program: Program, argv: list[str] | None = None) -> "Process":
        """Return a child (Process) that has copies of all this one has, and runs ``program`` (Program).

        Raises OSError: EAGAIN if there are too many processes.
        """
        child = self.space.born(self, self.fs.fork(), list(self.argv if argv is None else argv))
        child.env, child.handlers, child.group = dict(self.env), dict(self.handlers), self.group
        for fd, stream in self.fds.items():
            child.attach(stream, fd)
        child.progress = program(child, child.argv)
        return child

    def run(self, argv: list[str], env: Mapping[str, str] | None = None) -> "Process":
        """Return a child (Process) that runs the program ``argv[0]``, looked up in PATH (execvp(3)).

        ``env`` is its environment (mapping of str to str; this process's own if None).  Raises OSError: ENOENT, EACCES,
        ENOEXEC, EAGAIN.
        """
        program, argv = executable.find(self, argv)
        child = self.fork(program, argv)
        if env is not None:
            child.env = dict(env)
        child.handlers = kept(child.handlers)
        return child

    def exec(self, argv: list[str], env: Mapping[str, str] | None = None) -> NoReturn:
        """Replace this process's program by ``argv[0]``, looked up in PATH; never returns.  Raises OSError."""
        program, argv = executable.find(self, argv)
        if env is not None:
            self.env = dict(env)
        self.become(program, argv)

    def become(self, program: Program, argv: list[str]) -> NoReturn:
        """Replace this process's program by ``program`` (Program) with its ``argv`` (list of str); never returns."""
        self.argv, self.handlers = argv, kept(self.handlers)
        self.progress = program(self, argv)
        raise Replaced

    def wait(self, pid: int = -1) -> Generator[Waiting, None, tuple[int, int]]:
        """Wait until a child ends, the one with ``pid`` (int) or any; return its pid and status (pair of int).

        The status is 128 + n after signal n, as the shell's ``$?`` shows it.  Raises OSError: ECHILD.
        """

        def candidates() -> list[Process]:
            return [child for child in self.children if pid in (-1, child.pid)]

        def ready() -> bool:
            found = candidates()
            return not found or any(child.status is not None for child in found)

        while True:
            if not candidates():
                raise failure(errno.ECHILD)
            for child in candidates():
                if child.status is not None:
                    self.space.reap(child)
                    return child.pid, child.status
            yield Waiting(ready, reason="a child to end" if pid == -1 else f"process {pid} to end")

    def kill(self, pid: int, signal: int) -> None:
        """Send ``signal`` (int) to the process ``pid`` (int), to a group (-group; 0: the own), or to all others (-1).

        Signal 0 only tries whether it could be sent.  Raises OSError: EINVAL, ESRCH, EPERM.  Rule: kill(2).
        """
        if not 0 <= signal <= 64:
            raise failure(errno.EINVAL)
        everyone = [process for process in self.space.processes.values() if process is not self] + [self]
        if pid == -1:
            targets = [process for process in everyone if process is not self and process.pid != 1]
        elif pid > 0:
            targets = [process for process in everyone if process.pid == pid]
        else:
            group = -pid or self.group
            targets = [process for process in everyone if process.group == group]
        if not targets:
            raise failure(errno.ESRCH)
        allowed = [process for process in targets if self.fs.uid in (0, process.fs.uid)]
        if not allowed:
            raise failure(errno.EPERM)
        for process in allowed:
            if signal:
                self.space.send(process, signal)

    def sleep(self, ns: int) -> Generator[Waiting, None, None]:
        """Wait for ``ns`` nanoseconds (int) of the space's clock."""
        yield Waiting(lambda: False, until=self.space.clock() + ns, reason="time to pass")


def kept(handlers: Mapping[int, Handler]) -> dict[int, Handler]:
    """Return what is left of a process's signal handlers after execve(2): only that a signal is ignored."""
    return {signal: handler for signal, handler in handlers.items() if handler is ignore}
