"""What every command of the engine stands on: the store, the runtime, the clock, and the journal they are kept in."""

import os
import random
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

from course.engine import identity
from course.engine.journal import Event, Journal
from course.engine.records import Container, Network, StoredImage, Volume
from course.engine.store import Change, Store
from course.errors import DockerError
from course.processes.runtime import Runtime
from course.processes.simulated.runtime import SimulatedRuntime
from course.processes.simulated.space import Clock
from course.transport.registry.authentication import Credentials
from course.transport.registry.transfers import Progress, unwatched
from course.union.filesystem import UnionFilesystem
from course.union.overlay2_names import ROOT, mount_id

if TYPE_CHECKING:
    from course.engine.kept.directory import Directory

SECOND = 10**9  # nanoseconds; what a command takes, if it need not wait longer
BEGINNING = (
    1_767_225_600 * SECOND
)  # when a simulated engine starts: 2026-01-01T00:00:00Z, so that outputs stay the same

P = ParamSpec("P")
T = TypeVar("T")


def command(method: Callable[Concatenate[Any, P], T]) -> Callable[Concatenate[Any, P], T]:
    """Return a method of an engine that is carried out as one command: wholly or not at all, and on record.

    A command that another one calls is a part of that one.  A DockerError that is ``kept`` leaves what was done.
    """

    @wraps(method)
    def carried_out(self: Any, /, *args: P.args, **options: P.kwargs) -> T:
        if self.in_command:
            return method(self, *args, **options)
        return self._carry_out(method, args, options)  # type: ignore[no-any-return]

    return carried_out


class EngineBase(ABC):
    """The core of an engine.

    ``store`` is what it knows (Store), ``journal`` what it has done (Journal), ``clock`` the machine's clock (Clock),
    ``runtime`` what runs containers (Runtime), ``seed`` where ids and names come from (int).
    """

    def __init__(self, seed: int | None = None, *, runtime: str = "simulated", directory: Path | None = None) -> None:
        self.seed = random.randrange(2**32) if seed is None else seed  # noqa: S311 (names, no secrets)
        self.store, self.journal = Store(), Journal()
        self.kept: Directory | None = None  # where a real engine's store lies
        self.runtime: Runtime
        self.clock: Clock
        self.in_command = False
        self.credentials: dict[str, Credentials] = {}  # by registry; never on record
        self.progress: Progress = unwatched  # is told of each piece of a pull or push
        self.last_ended: dict[str, Container] = {}  # containers that ended in this command: `--rm` removes them at once
        if runtime == "linux":
            self._open(directory or data_directory())
        elif runtime == "simulated":
            self.start_afresh(BEGINNING)
        else:
            raise ValueError(f"runtime is 'simulated' or 'linux', not {runtime!r}")
        self._prepare()

    def _open(self, root: Path) -> None:
        """Take the real runtime, on the store that lies in the directory ``root`` (Path).  Raises MachineError."""
        from course.engine.kept.directory import Directory  # neither is needed in a simulated engine, nor there at all
        from course.processes.linux.runtime import LinuxRuntime  # in a browser

        runtime = LinuxRuntime(root)
        self.kept = Directory.opened(root, runtime.store)
        self.runtime, self.clock, self.is_stale = runtime, runtime.clock, False
        runtime.furnish()
        self.seed = self.kept.seed
        self.store.tables |= self.kept.load()
        with self.recorded():
            self.meet_again()

    def close(self) -> None:
        """Let a real engine's directory go, and its processes: what nobody detached is killed.  One can do it twice."""
        if self.kept:
            self.runtime.close()
            self.kept.close()

    @contextmanager
    def recorded(self) -> Iterator[list[Change]]:
        """Yield the list of the changes (of Change) that are made inside the block, all of which are kept, or none."""
        with self.store.transaction() as changes:
            yield changes
            if self.kept:
                self.kept.save(changes, self.store.tables)

    def _prepare(self) -> None:
        """Put on record what a new engine has."""
        self.store.tables["machine"]["clock"] = self.clock.now

    def start_afresh(self, now: int) -> None:
        """Take a runtime that runs nothing yet, on a clock that shows ``now`` (int, ns)."""
        self.clock = Clock(now)
        self.runtime = SimulatedRuntime(self.clock)
        self.is_stale = False  # whether the runtime's processes may not be those of the store

    @property
    def root(self) -> str:
        """The directory in which all lies (str): a real engine's own, or else the one that docker has."""
        return str(self.kept.path) if self.kept else ROOT

    def on_host(self, container: Container, path: str) -> str:
        """Return where the host has what is at ``path`` (str) in ``container`` (Container; str)."""
        return f"{self.root}/overlay2/{mount_id(container.id)}/merged{path}"

    # The tables

    @property
    def images_by_id(self) -> dict[str, StoredImage]:
        """The images (dict of id to StoredImage)."""
        return self.store.tables["images"]

    @property
    def references(self) -> dict[str, str]:
        """Which image a name means (dict of reference, as docker prints it, to image id)."""
        return self.store.tables["references"]

    @property
    def containers(self) -> dict[str, Container]:
        """The containers (dict of id to Container)."""
        return self.store.tables["containers"]

    @property
    def volumes(self) -> dict[str, Volume]:
        """The volumes (dict of name to Volume)."""
        return self.store.tables["volumes"]

    @property
    def networks(self) -> dict[str, Network]:
        """The networks (dict of name to Network)."""
        return self.store.tables["networks"]

    def new_id(self) -> str:
        """Return an id that nothing has yet (str, 64 hexadecimal digits)."""
        number = self.store.tables["machine"].get("ids", 0) + 1
        self.store.put("machine", "ids", number)
        return identity.identifier(self.seed, number)

    def change(self, container: Container, **fields: Any) -> Container:
        """Put ``container`` (Container) on record with other ``fields``, and return it."""
        changed = replace(container, **fields)
        self.store.put("containers", container.id, changed)
        return changed

    def change_state(self, container: Container, **fields: Any) -> Container:
        """Put ``container`` (Container) on record with other ``fields`` of its state, and return it."""
        return self.change(container, state=replace(container.state, **fields))

    @contextmanager
    def opened(self, tree: str) -> Iterator[UnionFilesystem]:
        """Yield the files of ``tree`` (str, such as ``volume:NAME``) to write to (UnionFilesystem).

        They are those that running containers see, if one has them; else what was written is put on record at the end.
        """
        live = self.runtime.tree(tree)
        files = live or UnionFilesystem([], self.store.tables["trees"][tree].copy(), clock=self.clock)
        yield files
        if not live:
            self.store.put("trees", tree, files.read_write_layer)
            self.runtime.trees.pop(tree, None)  # what is there is older

    # Commands

    def _carry_out(self, method: Callable[..., T], args: tuple[Any, ...], options: dict[str, Any]) -> T:
        args, options = tuple(map(_lasting, args)), {name: _lasting(value) for name, value in options.items()}
        self.provide(method.__name__, args)
        self.revive()
        self.in_command, began = True, self.clock.now
        self.last_ended.clear()
        refusal: DockerError | None = None
        try:
            with self.recorded() as changes:
                try:
                    result: Any = method(self, *args, **options)
                except DockerError as error:
                    if not error.kept:
                        raise
                    refusal, result = error, error.done
                self.pass_time(began + self.runtime.pace)
        except BaseException:
            self.is_stale = True
            self.runtime.settle({container.id for container in self.containers.values() if container.is_running})
            raise
        finally:
            self.in_command = False
        self.journal.add(Event(method.__name__, args, options, result, tuple(changes), began))
        if refusal:
            raise refusal
        return result  # type: ignore[no-any-return]

    @abstractmethod
    def provide(self, command: str, args: tuple[Any, ...]) -> None:
        """Fetch what ``command`` (str) will need from outside: that is a command of its own, done before."""

    def each(self, names: Iterable[str], action: Callable[[str], T]) -> list[T]:
        """Do ``action`` for each name (str), and return what came of each (list).

        Raises DockerError, once all were tried, with every refusal in a line of its own: what could be done stays done.
        """
        done, refusals, status, kept = list[T](), list[str](), 0, False
        for name in names:
            mark = len(self.store.changes)
            try:
                done.append(action(name))
            except DockerError as error:
                if not error.kept:
                    self.store.undo(self.store.changes[mark:])
                    del self.store.changes[mark:]
                refusals.append(str(error))
                status, kept = max(status, error.status), kept or error.kept
        if refusals:
            raise DockerError("\n".join(refusals), status, kept=kept or bool(done), done=done)
        return done

    # Time, and what it brings

    def pass_time(self, deadline: int) -> None:
        """Let the clock come to ``deadline`` (int, ns), with all that happens meanwhile."""
        self.wait_until(lambda: False, deadline)
        self.store.put("machine", "clock", self.clock.now)

    def wait_until(self, condition: Callable[[], bool], deadline: int | None = None) -> bool:
        """Let time pass until ``condition`` holds, or the clock shows ``deadline`` (int, ns); return whether it holds.

        What becomes of the containers meanwhile goes on record, and restart policies start them again.  Without a
        deadline it comes back, with False, when nothing that still happens could make the condition true, or after
        PATIENCE.
        """
        last = self.clock.now + self.runtime.patience if deadline is None else deadline
        while True:
            next_start = min((container.state.again for container in self._restarting()), default=last)
            self.runtime.run(lambda: self.runtime.has_ended or condition(), min(next_start, last))
            has_ended = self.runtime.has_ended
            self.take_news()
            if condition():
                return True
            if not has_ended:
                if next_start >= last:
                    break
                self.clock.now = max(self.clock.now, next_start)
            elif self.clock.now >= last:
                break
            for container in self._restarting():
                if container.state.again <= self.clock.now:
                    with suppress(DockerError):  # nobody hears it: the container keeps the error
                        self.start_process(container)
        if deadline is not None:
            self.clock.now = max(self.clock.now, deadline)
        return False

    def _restarting(self) -> list[Container]:
        waiting = self.store.tables["machine"].get("restarting", ())
        return [self.containers[identity] for identity in waiting]

    @abstractmethod
    def start_process(self, container: Container, stdin: bytes | None = None, *, attached: bool = False) -> Container:
        """Start a container's first process; ``Lifecycle`` says how."""

    @abstractmethod
    def take_news(self) -> None:
        """Put on record what became of the containers; ``Lifecycle`` says how."""

    @abstractmethod
    def meet_again(self) -> None:
        """Put on record what became of the containers while no engine was there; ``Lifecycle`` says how."""

    @abstractmethod
    def revive(self) -> None:
        """See to it that the runtime's processes are those that the store tells of; ``GoingBack`` says how."""


def data_directory() -> Path:
    """Return where a user's real engine keeps its store (Path): ``$COURSE_STORE``, or among the user's data.

    Rule: XDG Base Directory Specification, ``$XDG_DATA_HOME``.
    """
    if chosen := os.environ.get("COURSE_STORE"):
        return Path(chosen).absolute()
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share", "layer-by-layer", "engine")


def _lasting(value: Any) -> Any:
    """Return an argument as it is to be used again: a list could change meanwhile, and a generator is read once."""
    return tuple(value) if isinstance(value, list | Iterator) else value
