"""The output of a container: what its processes write, line by line, each with its time, as docker's log holds it."""

import stat

from course.processes.runtime import STDERR, STDOUT, Output
from course.processes.simulated.space import Clock
from course.processes.simulated.streams import Source, Stream

LINE = 16 * 1024  # bytes of a line that are logged in one piece (moby: daemon/logger/copier.go)


class Recorder(Stream):
    """What is written to one of a container's streams, appended to ``log`` (list of Output) line by line.

    ``number`` is STDOUT or STDERR; the rest of a last line is logged when nobody can write any more.

    >>> log: list[Output] = []
    >>> recorder = Recorder(log, STDERR, Clock(5))
    >>> recorder.write(b"one\\ntwo")
    7
    >>> log
    [Output(time=5, stream=2, data=b'one\\n')]
    """

    def __init__(self, log: list[Output], number: int, clock: Clock) -> None:
        super().__init__()
        self.log, self.number, self.clock = log, number, clock
        self._begun = bytearray()

    def write(self, data: bytes | memoryview) -> int:
        """Take all of ``data``."""
        self._begun += data
        *lines, rest = bytes(self._begun).split(b"\n")
        for line in lines:
            self._add(line + b"\n")
        while len(rest) >= LINE:
            self._add(rest[:LINE])
            rest = rest[LINE:]
        self._begun = bytearray(rest)
        return len(data)

    def released(self) -> None:
        """Log what was begun."""
        if self._begun:
            self._add(bytes(self._begun))
            self._begun.clear()

    def _add(self, line: bytes) -> None:
        for at in range(0, len(line), LINE):
            self.log.append(Output(self.clock(), self.number, line[at : at + LINE]))


class Terminal(Recorder):
    """A terminal of 80 columns: input, output and errors in one (pty(7)).

    It reads ``given`` (Stream) and, as a terminal does unless it is told otherwise, writes each newline as a carriage
    return and a newline (termios(3), ONLCR).  What is read is not echoed.
    """

    terminal = True

    def __init__(self, log: list[Output], clock: Clock, given: Stream) -> None:
        super().__init__(log, STDOUT, clock)
        self.given = given

    def read(self, count: int) -> bytes | None:
        """Return at most ``count`` bytes of what was given."""
        return self.given.read(count)

    def readable(self) -> bool:
        """Return whether ``read`` has an answer (bool)."""
        return self.given.readable()

    def write(self, data: bytes | memoryview) -> int:
        """Take all of ``data``."""
        super().write(bytes(data).replace(b"\n", b"\r\n"))
        return len(data)

    def mode(self) -> int:
        """Return kind and permissions (int): a character device."""
        return stat.S_IFCHR | 0o620


class Open(Source):
    """Bytes that the caller gives, as an input that does not end with them."""

    def read(self, count: int) -> bytes | None:  # type: ignore[override]
        """Return at most ``count`` bytes, or None: more may come."""
        return super().read(count) or None

    def readable(self) -> bool:
        """Return whether there is something left to read (bool)."""
        return bool(self.data)


def streams(log: list[Output], clock: Clock, given: bytes, stays_open: bool, terminal: bool) -> dict[int, Stream]:
    """Return the descriptors that a container's process begins with (dict of int to Stream).

    Its output goes to ``log`` (list of Output).  ``given`` (bytes) is its input; ``stays_open`` (bool): without an
    end; ``terminal`` (bool): all are one terminal.
    """
    source = Open(given) if stays_open else Source(given)
    if terminal:
        return dict.fromkeys(range(3), Terminal(log, clock, source))
    return {0: source, 1: Recorder(log, STDOUT, clock), 2: Recorder(log, STDERR, clock)}
