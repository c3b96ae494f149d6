"""The bytes of a file that can be written: what a layer holds, and the pages written over it."""

import io
import shutil
import tempfile
import weakref
from functools import lru_cache
from typing import BinaryIO

from course.layers.entry import EMPTY, Content, InMemory

PAGE = 4096
IN_MEMORY = 1 << 24  # bytes of a file unpacked from a compressed layer that are kept in memory; more goes to disk


class FileData:
    """A file's content: ``size`` bytes (int), of which only those that were written are held here.

    The rest is read from ``content`` (Content of ``held`` bytes, int), which is never copied, or is a hole, which reads
    as zeros.  Copying a FileData copies no byte: pages are values, replaced when they are written.

    >>> data = FileData(InMemory(b"hello"), 5)
    >>> data.write(1 << 30, b"!")
    >>> data.read(0, 8), data.size, len(data.pages)
    (b'hello\\x00\\x00\\x00', 1073741825, 1)
    """

    __slots__ = ("content", "held", "pages", "size")

    def __init__(self, content: "Content | _Compressed" = EMPTY, size: int = 0) -> None:
        self.content = content
        self.held = self.size = size
        self.pages: dict[int, bytes] = {}  # by number; a page that is shorter than PAGE ends in zeros

    def copy(self) -> "FileData":
        """Return the same content (FileData), which from now on changes on its own."""
        if isinstance(self.content, FileData) and not self.pages and self.size == self.held == self.content.size:
            return self.content.copy()  # so that a file that every layer changes is not read through all of them
        twin = FileData(self.content, self.held)
        twin.size = self.size
        twin.pages = dict(self.pages)
        return twin

    @property
    def blocks(self) -> int:
        """The room that the file takes, in blocks of 512 bytes (int), as st_blocks counts it: holes take none."""
        below = -(-self.held // PAGE)
        written = sum(number >= below for number in self.pages) if below else len(self.pages)
        return 8 * (below + written)

    def read(self, offset: int, count: int) -> bytes:
        """Return at most ``count`` bytes from ``offset`` on (bytes; empty at the end of the file)."""
        end = min(offset + count, self.size)
        if end <= offset:
            return b""
        if not self.pages and end <= self.held:
            return self._below(offset, end - offset)
        parts: list[bytes] = []
        while offset < end:
            number, at = divmod(offset, PAGE)
            upto = min(end, offset - at + PAGE)
            page = self.pages.get(number)
            if page is None and offset < self.held:
                while upto < end and upto // PAGE not in self.pages:  # all that the layer holds in one go
                    upto = min(end, upto + PAGE)
                part = self._below(offset, min(upto, self.held) - offset)
            else:
                part = page[at : at + upto - offset] if page else b""
            parts.append(part.ljust(upto - offset, b"\0"))
            offset = upto
        return b"".join(parts)

    def write(self, offset: int, data: bytes) -> None:
        """Put ``data`` (bytes) at ``offset``; between the end of the file and there is a hole."""
        position, at = 0, offset
        while position < len(data):
            number, inside = divmod(at, PAGE)
            part = data[position : position + PAGE - inside]
            if len(part) < PAGE:
                page = self._page(number)
                part = page[:inside].ljust(inside, b"\0") + part + page[inside + len(part) :]
            self.pages[number] = part
            position += PAGE - inside
            at += PAGE - inside
            self.size = max(self.size, min(at, offset + len(data)))  # so an interrupt leaves a short write

    def truncate(self, size: int) -> None:
        """Cut the file to ``size`` bytes (int), or lengthen it by a hole."""
        if size < self.size:
            last, inside = divmod(size, PAGE)
            self.pages = {number: page for number, page in self.pages.items() if number * PAGE < size}
            if last in self.pages:
                self.pages[last] = self.pages[last][:inside]
            self.held = min(self.held, size)
        self.size = size

    def next_data(self, offset: int) -> int | None:
        """Return where from ``offset`` on the next byte is that is no hole (int), or None."""
        if offset < -(-self.held // PAGE) * PAGE:
            return offset
        numbers = [number for number in self.pages if (number + 1) * PAGE > offset]
        return max(offset, min(numbers) * PAGE) if numbers else None

    def next_hole(self, offset: int) -> int:
        """Return where from ``offset`` on the next hole begins (int): the end of the file at the latest."""
        offset = max(offset, -(-self.held // PAGE) * PAGE)
        while offset < self.size and offset // PAGE in self.pages:
            offset = (offset // PAGE + 1) * PAGE
        return min(offset, self.size)

    def open(self) -> BinaryIO:
        """Return the bytes as a stream that can seek (binary file object)."""
        return io.BufferedReader(_Stream(self), 1 << 16)

    def _page(self, number: int) -> bytes:
        """Return one page as it is now (bytes), cut where the layer's content or what was written ends."""
        page = self.pages.get(number)
        if page is not None:
            return page
        start = number * PAGE
        return self._below(start, min(PAGE, self.held - start)) if start < self.held else b""

    def _below(self, offset: int, count: int) -> bytes:
        """Return bytes of the layer's content, all of which it holds."""
        if isinstance(self.content, InMemory):
            return self.content.data[offset : offset + count]
        if not isinstance(self.content, FileData | _Compressed):
            with self.content.open() as stream:
                if stream.seekable():
                    stream.seek(offset)
                    return stream.read(count)
            self.content = _Compressed(self.content)
        return self.content.read(offset, count)


class _Compressed:
    """The content of a file in a compressed layer, which cannot be read but from its beginning."""

    def __init__(self, content: Content) -> None:
        self._content = content

    def read(self, offset: int, count: int) -> bytes:
        file = _unpacked(self._content).file  # type: ignore[arg-type]  # contents are values, or their own selves
        file.seek(offset)
        return file.read(count)


class _Unpacked:
    """A file out of a compressed layer, in memory or, if it is large, on disk; closed when nothing refers to it."""

    def __init__(self, stream: BinaryIO) -> None:
        self.file = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 (see above)
        weakref.finalize(self, self.file.close)
        shutil.copyfileobj(stream, self.file, 1 << 20)


@lru_cache(maxsize=16)
def _unpacked(content: Content) -> _Unpacked:
    """Return the file whose content this is, unpacked; the last few are kept, for programs read piece by piece."""
    with content.open() as stream:
        return _Unpacked(stream)


class _Stream(io.RawIOBase):
    """A FileData as a stream."""

    def __init__(self, data: FileData) -> None:
        self._data, self._at = data, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0, /) -> int:
        self._at = offset + (0, self._at, self._data.size)[whence]
        return self._at

    def readinto(self, buffer: "memoryview | bytearray", /) -> int:  # type: ignore[override]
        data = self._data.read(self._at, len(buffer))
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)
