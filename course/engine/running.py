"""``docker run`` and ``docker exec``, and what can be heard and seen of a container's processes."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from course.engine.base import SECOND, command
from course.engine.configuring import environment
from course.engine.lifecycle import Lifecycle
from course.engine.records import Status
from course.errors import DockerError
from course.processes.runtime import STDERR, STDOUT, Output, ProcessInfo, ProcessSpec, StartError


@dataclass(frozen=True, slots=True)
class Ran:
    """What came of a process that someone waited for: ``container`` is the id (str), ``output`` what it wrote.

    ``status`` is its exit status (int), or None: it had not ended after 20 minutes, and goes on without anyone waiting.
    """

    container: str
    output: tuple[Output, ...]
    status: int | None

    @property
    def stdout(self) -> bytes:
        """What it wrote to its standard output (bytes)."""
        return b"".join(part.data for part in self.output if part.stream == STDOUT)

    @property
    def stderr(self) -> bytes:
        """What it wrote to its standard error (bytes)."""
        return b"".join(part.data for part in self.output if part.stream == STDERR)


class Running(Lifecycle):
    """Runs programs in containers."""

    @command
    def run(
        self, /, image: str, *words: str, detach: bool = False, stdin: bytes | None = None, **options: Any
    ) -> Ran | str:
        """Make a container of ``image`` (str), start it and wait for its end (Ran); ``detach``: return its id (str).

        ``words`` and ``options`` are as for ``create``.  ``stdin`` is what its program reads (bytes), if it is
        ``interactive``; without it nobody types, so that input never ends.  Raises DockerError.

        >>> from course.engine.engine import Engine
        >>> engine = Engine(seed=0)
        >>> engine.run("base:1", "sh", "-c", "echo hello; exit 3", rm=True).status
        3
        """
        identity = self.create(image, *words, attached=not detach, **options)
        typed = b"" if stdin is None and not (options.get("tty") or detach) else stdin
        try:
            given = typed if options.get("interactive") else None
            self.start_process(self.containers[identity], given, attached=not detach)
        except DockerError as error:
            error.done = [identity]
            raise
        return identity if detach else self._watched(identity)

    def _watched(self, identity: str, before: int = 0) -> Ran:
        """Wait for a container's end; return what it writes after the first so many pieces ``before`` (int; Ran)."""
        ended = self.next_end(self.containers[identity])
        log = (ended or self.containers[identity]).log
        return Ran(identity, log[before:], ended.state.exit_code if ended else None)

    @command
    def start_attached(self, container: str, *, interactive: bool = False, stdin: bytes | None = None) -> Ran:
        """Start ``container`` (str) if it does not run, and wait for its end (Ran): ``docker start --attach``.

        With ``interactive`` its program reads ``stdin`` (bytes), if it was made to read anything.  Raises DockerError.
        """
        record = self.startable(container)
        if not record.is_running:
            is_open = bool(record.config.get("OpenStdin"))
            given = (stdin or b"") if is_open and interactive else b"" if is_open else None
            self.start_process(record, given, attached=True)
        return self._watched(record.id, len(record.log))

    @command
    def attach(self, container: str) -> Ran:
        """Wait for the end of a running ``container`` (str), and return what it writes from now on (Ran).

        Raises DockerError: it does not run.
        """
        record = self._running(container)
        return self._watched(record.id, len(record.log))

    @command
    def exec(
        self,
        container: str,
        *words: str,
        detach: bool = False,
        interactive: bool = False,
        tty: bool = False,
        env: Iterable[str] = (),
        workdir: str = "",
        user: str = "",
        stdin: bytes | None = None,
    ) -> Ran:
        """Start a process beside the first one of a running ``container`` (str), and wait for its end (Ran).

        With ``detach`` nobody waits: ``status`` is then 0.  The other options are as for ``run``.  Raises DockerError.
        """
        record = self.container(container)
        if not record.is_running:
            raise DockerError(f"Container {record.id} is not running")
        if record.state.status is Status.PAUSED:
            raise DockerError(f"Container {container} is paused, unpause the container before exec")
        self.refuse_restarting(record)
        if not words:
            raise DockerError("No exec command specified")
        process = ProcessSpec(
            words,
            environment(record, tuple(env), tty),
            workdir or record.config.get("WorkingDir") or "/",
            user or record.config.get("User") or "",
            tty,
            stdin if interactive and stdin else b"",
            stdin_open=interactive and stdin is None and tty,
        )
        try:
            execution = self.runtime.exec(record.id, process)
        except StartError as error:
            raise DockerError(str(error), 126) from error
        if detach:
            return Ran(record.id, (), 0)
        self.wait_until(lambda: execution.status is not None)
        return Ran(record.id, tuple(execution.output), execution.status)

    @command
    def sleep(self, seconds: int) -> None:
        """Let so many ``seconds`` (int) pass, with all that happens meanwhile.  This is no command of docker's."""
        self.pass_time(self.clock.now + seconds * SECOND)

    def logs(self, container: str, *, tail: int | None = None, since: int = 0) -> tuple[Output, ...]:
        """Return what the first process of ``container`` (str) has written, and what it started (tuple of Output).

        ``tail`` is how many lines at most (int), ``since`` from when on (int, nanoseconds since 1970).
        """
        log = [part for part in self.container(container).log if part.time >= since]
        return tuple(log if tail is None or tail < 0 else log[len(log) - min(tail, len(log)) :])

    def top(self, container: str) -> list[ProcessInfo]:
        """Return the processes of a running ``container`` (str), by its own numbers (list of ProcessInfo).

        Raises DockerError: it does not run.
        """
        record = self._running(container)
        self.refuse_restarting(record)
        self.revive()
        return self.runtime.ps(record.id)
