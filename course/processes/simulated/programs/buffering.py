"""Input and output as the C library buffers them: lines from a descriptor, and output in pieces of 4,096 bytes."""

from collections.abc import Generator
from typing import TYPE_CHECKING

from course.processes.simulated.programs.quoting import named
from course.processes.simulated.programs.registry import Usage
from course.union import flags

if TYPE_CHECKING:
    from course.processes.simulated.process import Process, Waiting

Steps = Generator["Waiting", None, None]
"""A part of a program in progress that returns nothing."""

BUFFER = 4096  # bytes that stdio holds back
CHUNK = 65536  # bytes taken in one read


class Output:
    """Standard output of ``process`` (Process), held back until there is a buffer full of it, or a message comes.

    ``failure`` (str) is what is said if it cannot be written.
    """

    def __init__(self, process: "Process", fd: int = 1, failure: str = "write error: {reason}") -> None:
        self.process, self.fd, self.failure = process, fd, failure
        self.held = bytearray()
        self.limit = 1 if fd in process.fds and process.fds[fd].terminal else BUFFER

    def write(self, data: bytes) -> Steps:
        """Take ``data`` (bytes), and write all that is held once that is a buffer full.  Raises Usage."""
        self.held += data
        if len(self.held) >= self.limit:
            yield from self.flush()

    def print(self, text: str) -> Steps:
        """Take ``text`` (str) as it stands.  Raises Usage."""
        yield from self.write(encoded(text))

    def flush(self) -> Steps:
        """Write what is held.  Raises Usage: it cannot be written."""
        if self.held:
            data, self.held = bytes(self.held), bytearray()
            try:
                yield from self.process.write(self.fd, data)
            except OSError as error:
                raise Usage(self.failure.replace("{reason}", str(error.strerror)), hint=False) from None

    def complain(self, text: str) -> Steps:
        """Write what is held, then the message ``text`` (str) under the program's name to standard error."""
        yield from self.flush()
        yield from self.process.complain(f"{self.process.argv[0]}: {text}")


class Lines:
    """The lines that come from a descriptor of ``process`` (Process), one at a time; ``end`` (bytes) ends each."""

    def __init__(self, process: "Process", fd: int, end: bytes = b"\n") -> None:
        self.process, self.fd, self.end = process, fd, end
        self.held = b""
        self.at = 0

    def next(self) -> Generator["Waiting", None, bytes]:
        """Return the next line with its end (bytes), the last one perhaps without, b"" after it.  Raises OSError."""
        while (end := self.held.find(self.end, self.at)) < 0:
            more = yield from self.process.read(self.fd, CHUNK)
            if not more:
                end = len(self.held) - 1
                break
            self.held, self.at = self.held[self.at :] + more, 0
        line, self.at = self.held[self.at : end + 1], end + 1
        return line


def encoded(text: str) -> bytes:
    """Return the bytes of ``text`` (str, bytes that are not UTF-8 as surrogates).

    >>> encoded("caf\\udce9")
    b'caf\\xe9'
    """
    return text.encode("utf-8", "surrogateescape")


def decoded(data: bytes) -> str:
    """Return ``data`` (bytes) as text (str), bytes that are not UTF-8 as surrogates.

    >>> decoded(b"caf\\xe9")
    'caf\\udce9'
    """
    return data.decode("utf-8", "surrogateescape")


def opened(process: "Process", name: str) -> int:
    """Return a descriptor (int) to read the file ``name`` (str) from; ``-`` is standard input.  Raises OSError."""
    return 0 if name == "-" else process.open(name, flags.O_RDONLY)


def closed(process: "Process", fd: int) -> None:
    """Close the descriptor ``fd`` (int) unless it is standard input."""
    if fd:
        process.close(fd)


def contents(
    process: "Process", name: str, opening: str = "{name}: {reason}", reading: str = "{name}: {reason}"
) -> Generator["Waiting", None, bytes]:
    """Return the whole content (bytes) of the file ``name`` (str, ``-`` is standard input).

    Raises Usage, without a hint, that says ``opening`` or ``reading`` (str), whichever failed.
    """
    message = opening
    try:
        fd = opened(process, name)
        message = reading
        data = yield from process.read_all(fd)
    except OSError as error:
        raise Usage(
            message.replace("{reason}", str(error.strerror)).replace("{name}", named(name)), hint=False
        ) from None
    closed(process, fd)
    return data
