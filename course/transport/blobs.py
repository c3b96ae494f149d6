"""Blobs: pieces of bytes that lie in files, read by any thread, and held to their size and digest."""

import io
import threading
import weakref
from collections.abc import Generator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO, Protocol

from course.errors import DigestMismatch, ImageError
from course.layers.digest import sha256
from course.layers.image import Descriptor
from course.transport.compression import CHUNK
from course.words import _, shown

BUFFER = 64 << 10


@dataclass(frozen=True, slots=True)
class Blob:
    """``size`` bytes (int) of a ``storage`` (Storage), from ``offset`` (int) on; ``where`` names them for messages.

    >>> import tempfile
    >>> file = tempfile.TemporaryFile()
    >>> _ = file.write(b"hello, world")
    >>> Blob("here", Anonymous(file), offset=7, size=5).read()
    b'world'
    """

    where: str
    storage: "Storage"
    offset: int
    size: int

    def open(self, offset: int = 0, size: int | None = None) -> BinaryIO:
        """Return the bytes as a stream that can seek (binary file object), or ``size`` of them from ``offset`` on."""
        window = self.storage.window(self.offset + offset, self.size - offset if size is None else size)
        return io.BufferedReader(window, BUFFER)

    def chunks(self) -> Generator[bytes, None, None]:
        """Yield all bytes, in chunks."""
        with self.open() as stream:
            while chunk := stream.read(CHUNK):
                yield chunk

    def read(self) -> bytes:
        """Return all bytes."""
        return b"".join(self.chunks())


def check_size(blob: Blob, promised: Descriptor) -> None:
    """Hold a blob to the size that its descriptor promises.  Raises DigestMismatch.

    It comes before the digest, which takes longer.  Rule: image-spec descriptor.md, "Verification".
    """
    if blob.size != promised.size:
        raise DigestMismatch(
            _("{where}: has {found} bytes, and its descriptor promises {expected}; fetch the image again.").format(
                where=blob.where, found=blob.size, expected=promised.size
            )
        )


def check_digest(blob: Blob, found: str, promised: str) -> None:
    """Hold a blob, whose digest was ``found`` (str), to the one that was ``promised`` (str).  Raises DigestMismatch."""
    if found != promised:
        raise DigestMismatch(
            _("{where}: has the digest {found}, and {expected} was promised; fetch the image again.").format(
                where=blob.where, found=found, expected=promised
            )
        )


def verified(blob: Blob, promised: Descriptor) -> bytes:
    """Return a small blob (bytes) after its size and digest were checked.  Raises DigestMismatch."""
    check_size(blob, promised)
    data = blob.read()
    check_digest(blob, sha256(data), promised.digest)
    return data


class Storage(Protocol):
    """What blobs lie in."""

    def window(self, offset: int, size: int) -> "Window":
        """Return ``size`` bytes from ``offset`` on (Window)."""
        ...


class OnDisk:
    """A file that is opened whenever it is read, by its path (Path); ``size`` is its bytes (int).

    Raises ImageError: it cannot be read, or it is no more the file that it was at first.
    """

    def __init__(self, path: Path) -> None:
        self._path = path.absolute()
        self._seen = self._stamp()
        self.size = self._seen[0]

    def window(self, offset: int, size: int) -> "Window":
        """Return ``size`` bytes from ``offset`` on (Window)."""
        if self._stamp() != self._seen:
            raise ImageError(
                _("{path}: the file has changed since it was read; open it again.").format(path=shown(str(self._path)))
            )
        try:
            return Window(self._path.open("rb", buffering=0), offset, size)
        except OSError as error:
            raise unreadable(self._path, error) from error

    def _stamp(self) -> tuple[int, int]:
        try:
            status = self._path.stat()
        except OSError as error:
            raise unreadable(self._path, error) from error
        return status.st_size, status.st_mtime_ns


class Anonymous:
    """A temporary file without a name (binary file object), which ends with the last blob that lies in it."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._lock = threading.Lock()
        weakref.finalize(self, file.close)  # in time, even where an error's traceback holds the last blob

    def window(self, offset: int, size: int) -> "Window":
        """Return ``size`` bytes from ``offset`` on (Window)."""
        return Window(self._file, offset, size, shared=self)

    @property
    def lock(self) -> AbstractContextManager[object]:
        """Held by whoever moves in the file (context manager)."""
        return self._lock


class Window(io.RawIOBase):
    """``size`` bytes of a file from ``start`` on, as a stream of its own, which closes the file unless it is shared."""

    def __init__(self, file: IO[bytes], start: int, size: int, shared: Anonymous | None = None) -> None:
        self._file, self._start, self._size, self._shared = file, start, size, shared
        self._at = 0

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def seekable(self) -> bool:
        """Tell that it can seek."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move to ``offset`` (int), counted from the start, from here or from the end, as ``whence`` says."""
        self._at = max(0, offset + (0, self._at, self._size)[whence])
        return self._at

    def readinto(self, buffer: "memoryview | bytearray", /) -> int:  # type: ignore[override]
        """Fill ``buffer``, as far as there are bytes, and return how many there were (int)."""
        wanted = max(0, min(len(buffer), self._size - self._at))
        with self._shared.lock if self._shared else nullcontext():
            self._file.seek(self._start + self._at)
            data = self._file.read(wanted)
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)

    def close(self) -> None:
        """Close the stream."""
        if not self._shared and not self.closed:
            self._file.close()
        super().close()


def unreadable(path: Path, error: OSError) -> ImageError:
    """Return the error (ImageError) that says that ``path`` (Path) cannot be read."""
    return ImageError(
        _("{path}: cannot be read: {reason}.").format(path=shown(str(path)), reason=error.strerror or error)
    )
