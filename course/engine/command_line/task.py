"""One docker command that is being carried out: what it was asked, and what it has said so far."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from course.engine.command_line import filters
from course.engine.command_line.flags import Call
from course.engine.command_line.tables import Listing
from course.engine.command_line.world import World
from course.engine.engine import Engine
from course.errors import DockerError
from course.processes.runtime import STDERR, STDOUT

DAEMON = "Error response from daemon: "

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a command line: what it wrote (``stdout`` and ``stderr``, bytes) and its exit ``status`` (int).

    ``written`` has both streams' pieces in the order in which they were written (tuple of stream and bytes), as a
    person sees them; it is empty if there is one stream only.
    """

    stdout: bytes = b""
    stderr: bytes = b""
    status: int = 0
    written: tuple[tuple[int, bytes], ...] = ()

    @property
    def in_turn(self) -> tuple[tuple[int, bytes], ...]:
        """What it wrote, in order (tuple of pairs: ``STDOUT`` or ``STDERR``, and bytes)."""
        return self.written or ((STDOUT, self.stdout), (STDERR, self.stderr))

    @property
    def text(self) -> str:
        """What it wrote to standard output (str)."""
        return self.stdout.decode("utf-8", "replace")

    @property
    def errors(self) -> str:
        """What it wrote to standard error (str)."""
        return self.stderr.decode("utf-8", "replace")


class ClientError(DockerError):
    """What docker's client says itself, in whole: no engine was asked."""


@dataclass
class Task:
    """A command that is being carried out on ``engine`` (Engine).

    ``call`` is what was asked (Call), ``world`` what lies outside of the engine (World), ``stdin`` what was typed into
    it (bytes; None: nobody types), ``is_terminal`` whether a person reads the output as it comes (bool).  What it says
    gathers in ``written`` (list of pairs: ``STDOUT`` or ``STDERR``, and bytes); ``status`` is its exit status (int).
    """

    engine: Engine
    call: Call
    world: World
    stdin: bytes | None = None
    is_terminal: bool = False
    written: list[tuple[int, bytes]] = field(default_factory=list)
    status: int = 0

    @property
    def operands(self) -> list[str]:
        """The words that are no options (list of str)."""
        return self.call.operands

    @property
    def does(self) -> str:
        """What the command does, by docker's short name for it (str)."""
        return self.call.command.does if self.call.command else ""

    def option(self, name: str, default: Any = None) -> Any:
        """Return what the option ``name`` (str, with ``_`` for ``-``) was given, or else ``default``."""
        return self.call.options.get(name, default)

    def options(self, *names: str) -> dict[str, Any]:
        """Return those of these options that were given (dict), as keyword arguments."""
        return {name: self.call.options[name] for name in names if name in self.call.options}

    @property
    def filters(self) -> list[str]:
        """What ``--filter`` asks for (list of ``key=value``).  Raises DockerError: there is no such filter."""
        wanted: Mapping[str, Sequence[str]] = self.option("filter", {})
        try:
            filters.check(self.does, wanted)
        except DockerError as error:
            raise ClientError(str(error)) from None
        return [f"{name}={value}" for name, values in wanted.items() for value in values]

    # What it says

    def write(self, data: bytes, stream: int = STDOUT) -> None:
        """Write ``data`` (bytes) to a ``stream`` (``STDOUT`` or ``STDERR``)."""
        self.written.append((stream, data))

    def say(self, text: str) -> None:
        """Write a line (str) to standard output."""
        self.write(encoded(text + "\n"))

    def complain(self, text: str) -> None:
        """Write a line (str) to standard error."""
        self.write(encoded(text + "\n"), STDERR)

    @property
    def outcome(self) -> Outcome:
        """What has come of it so far (Outcome)."""
        out, err = (b"".join(data for to, data in self.written if to == stream) for stream in (STDOUT, STDERR))
        return Outcome(out, err, self.status, tuple(self.written))

    def table(self, listing: Listing, rows: Sequence[Mapping[str, Any]], form: str = "") -> None:
        """Write ``rows`` (sequence of mappings) in the ``form`` (str) that was asked for.  Raises DockerError."""
        try:
            text = listing.text(rows, form)
        except DockerError as error:
            raise ClientError(str(error), error.status) from None
        if text or rows:
            self.say(text)

    def each(self, action: Callable[[], Sequence[T]]) -> tuple[Sequence[T], list[str]]:
        """Return what came of a command on several operands (sequence), and its refusals (list of str)."""
        try:
            return action(), []
        except DockerError as error:
            self.status = error.status
            return error.done, str(error).split("\n")  # type: ignore[return-value]

    def done(self, names: Sequence[object], refusals: Sequence[str], *by_client: str) -> None:
        """Write what was done, a line each, and why the rest was not: with ``by_client`` as for ``refusal``."""
        for name in names:
            self.say(str(name))
        for message in refusals:
            self.complain(refusal(message, *by_client))
        self.status = 1 if refusals else 0


def refusal(message: str, *by_client: str) -> str:
    """Return an engine's refusal (str) as docker's client tells it (str).

    What begins with one of ``by_client`` (str each) the client tells as its own.

    >>> refusal("No such container: a"), refusal("No such container: a", "No such container")
    ('Error response from daemon: No such container: a', 'Error: No such container: a')
    """
    return ("Error: " if message.startswith(by_client) else DAEMON) + message


def with_value(text: str, environment: Mapping[str, str]) -> str:
    """Return ``NAME=value`` (str) for a ``text`` that may be a name alone: the shell's variable of that name, if set.

    >>> with_value("A", {"A": "1"}), with_value("B", {"A": "1"}), with_value("A=2", {"A": "1"})
    ('A=1', 'B', 'A=2')
    """
    return text if "=" in text or text not in environment else f"{text}={environment[text]}"


def encoded(text: str) -> bytes:
    """Return ``text`` (str) as it is written (bytes)."""
    return text.encode("utf-8", "surrogateescape")
