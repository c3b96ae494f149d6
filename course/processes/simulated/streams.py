"""Streams: what descriptors refer to (an open file, a pipe's end, what the caller gave), shared by dup and fork."""

import errno
import stat
from typing import TYPE_CHECKING

from course.union.errnos import failure

if TYPE_CHECKING:
    from course.union.filesystem import OpenFile

CAPACITY = 65536  # bytes that a pipe holds (pipe(7))
READS = 16  # of a device, after which others have their turn
ATOMIC = 4096  # bytes that are written to a pipe in one piece or not at all yet (PIPE_BUF, pipe(7))


class Stream:
    """An open file description (open(2)): what every descriptor that came of dup or fork refers to in common.

    ``holders`` is how many descriptors refer to it (int); when the last one closes, ``released`` is called.
    ``terminal`` is whether it is a terminal (bool), ``endless`` whether it is a device that may never end, which
    was read so often that others should have a turn (bool).
    """

    terminal = endless = False

    def __init__(self) -> None:
        self.holders = 0

    def read(self, count: int) -> bytes | None:
        """Return at most ``count`` bytes, b"" at the end, None while there is nothing yet.  Raises OSError: EBADF."""
        raise failure(errno.EBADF)

    def write(self, data: bytes | memoryview) -> int:
        """Write ``data`` and return how many bytes were taken (int), 0 while there is no room.  Raises OSError."""
        raise failure(errno.EBADF)

    def seek(self, offset: int, whence: int = 0) -> int:
        """Move to ``offset`` (bytes) and return the new one (int).  Raises OSError: ESPIPE if it has no offset."""
        raise failure(errno.ESPIPE)

    def mode(self) -> int:
        """Return kind and permissions as ``st_mode`` (int)."""
        return stat.S_IFIFO | 0o600

    def readable(self) -> bool:
        """Return whether ``read`` has an answer (bool)."""
        return True

    def writable(self) -> bool:
        """Return whether ``write`` takes something (bool)."""
        return True

    def released(self) -> None:
        """Do what is to be done when the last descriptor is closed."""


class FileStream(Stream):
    """An open file of the file system (``file``: OpenFile)."""

    def __init__(self, file: "OpenFile") -> None:
        super().__init__()
        self.file, self._is_device = file, stat.S_ISCHR(file.stat().st_mode)
        self._reads = 0

    def read(self, count: int) -> bytes:
        """Return at most ``count`` bytes from the file's offset on.  Raises OSError."""
        self._reads += 1
        self.endless = self._is_device and not self._reads % READS
        return self.file.read(count)

    def write(self, data: bytes | memoryview) -> int:
        """Write ``data`` at the file's offset, or at its end with O_APPEND.  Raises OSError."""
        return self.file.write(bytes(data))

    def seek(self, offset: int, whence: int = 0) -> int:
        """Move the file's offset.  Raises OSError."""
        return self.file.seek(offset, whence)

    def mode(self) -> int:
        """Return the file's kind and permissions (int)."""
        return self.file.stat().st_mode


class Pipe:
    """A pipe, with or without a name (pipe(7), fifo(7)): at most 65,536 bytes on their way (``held``: bytearray).

    ``readers`` and ``writers`` count the ends that are open (int), ``met`` counts those that ever were (pair of int).

    >>> pipe = Pipe()
    >>> reader, writer = PipeEnd(pipe, reads=True), PipeEnd(pipe, writes=True)
    >>> writer.write(b"hello"), reader.read(100), reader.read(100)
    (5, b'hello', None)
    >>> writer.released()
    >>> reader.read(100)
    b''
    """

    def __init__(self) -> None:
        self.held = bytearray()
        self.readers = self.writers = 0
        self.met = (0, 0)


class PipeEnd(Stream):
    """An end of a pipe, to read from, to write to, or (of one with a name) both.

    Where open(2) would wait for the other end of a pipe with a name, here the first read or write does.
    """

    def __init__(self, pipe: Pipe, reads: bool = False, writes: bool = False) -> None:
        super().__init__()
        self.pipe, self.reads, self.writes = pipe, reads, writes
        # how many other ends there have been, if none of them is open: who finds one need not wait for any
        self._before = (None if pipe.readers else pipe.met[0], None if pipe.writers else pipe.met[1])
        pipe.readers += reads
        pipe.writers += writes
        pipe.met = (pipe.met[0] + reads, pipe.met[1] + writes)

    def _may_come(self, writer: bool) -> bool:
        """Return whether there is no ``writer`` (bool; else reader), and none has come and gone (bool)."""
        ends = self.pipe.writers if writer else self.pipe.readers
        return not ends and self.pipe.met[writer] == self._before[writer]

    def read(self, count: int) -> bytes | None:
        """Return at most ``count`` bytes, b"" if nobody can write any more, None while there is nothing yet."""
        if not self.reads:
            raise failure(errno.EBADF)
        taken = bytes(self.pipe.held[:count])
        del self.pipe.held[:count]
        return taken if taken or not count or self.readable() else None

    def write(self, data: bytes | memoryview) -> int:
        """Write ``data``, in one piece if it is short, and return how much (int), 0 while there is no room.

        Raises OSError: EPIPE if nobody can read any more.
        """
        if not self.writes:
            raise failure(errno.EBADF)
        if not self.pipe.readers:
            if self._may_come(writer=False):
                return 0
            raise failure(errno.EPIPE)
        room = CAPACITY - len(self.pipe.held)
        if room < min(len(data), ATOMIC):
            return 0
        self.pipe.held += data[:room]
        return min(len(data), room)

    def readable(self) -> bool:
        """Return whether there is something to read, or nobody left who could write it (bool)."""
        return bool(self.pipe.held) or not (self.pipe.writers or self._may_come(writer=True))

    def writable(self) -> bool:
        """Return whether there is room for a short write, or nobody left who could read it (bool)."""
        if not self.pipe.readers:
            return not self._may_come(writer=False)
        return CAPACITY - len(self.pipe.held) >= ATOMIC

    def released(self) -> None:
        """Close this end; with the last one, what nobody has read is lost."""
        self.pipe.readers -= self.reads
        self.pipe.writers -= self.writes
        if not self.pipe.readers and not self.pipe.writers:
            self.pipe.held.clear()


class Source(Stream):
    """Bytes that the caller gives, as a process's standard input."""

    def __init__(self, data: bytes = b"") -> None:
        super().__init__()
        self.data = memoryview(data)

    def read(self, count: int) -> bytes:
        """Return at most ``count`` bytes."""
        taken, self.data = self.data[:count], self.data[count:]
        return bytes(taken)


class Sink(Stream):
    """What a process writes, kept for the caller in ``data`` (bytearray)."""

    def __init__(self) -> None:
        super().__init__()
        self.data = bytearray()

    def write(self, data: bytes | memoryview) -> int:
        """Take all of ``data``."""
        self.data += data
        return len(data)
