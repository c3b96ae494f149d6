"""Splitting a layer's tar: its headers in one small file, its contents where they lie unpacked, and the tar from both.

Docker keeps no layer's tar.  It keeps ``tar-split.json.gz`` beside what was unpacked: lines of JSON, each a *segment*
of the tar as it stands (``"type": 2``: headers and padding, in base64) or a *file* whose content lies on the disk
(``"type": 1``: its name and size).  Both together are the very tar, byte for byte, and so the layer has its diff_id
again.  Rule: github.com/vbatts/tar-split, tar/storage/entry.go.  Docker's files also hold a checksum of each content,
which is left out here: CRC64 would take longer than all the rest, and the diff_id covers it.
"""

import base64
import gzip
import io
import json
import zlib
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from types import MappingProxyType
from typing import BinaryIO, NamedTuple

from course.errors import InvalidLayer
from course.layers import paths
from course.layers.archive import tar_chunks
from course.layers.digest import short
from course.layers.entry import Content
from course.layers.layer import Layer
from course.processes.linux.reading_ahead import read_ahead
from course.transport.compression import CHUNK
from course.transport.layer_reader import read_contents
from course.transport.limits import Budget, Limits
from course.transport.stored_layer import StoredLayer
from course.transport.tar_entries import ChunkInput, read_entries
from course.transport.tar_header import FILES
from course.words import _, shown

FILE, SEGMENT = 1, 2
FAST = 1  # gzip's level
AT_ONCE = 256  # lines
LONGEST_LINE = 4 * CHUNK  # of a segment, in base64
NOT_READABLE = (OSError, EOFError, zlib.error, ValueError, KeyError, TypeError, AttributeError, RecursionError)

Opener = Callable[[str], BinaryIO]
"""Opens the file that lies unpacked at a path of the layer (str): a binary file object."""


class FileInTar:
    """The next ``size`` bytes (int) of a tar: a file's content, which can be read once; ``left`` are still there."""

    __slots__ = ("_source", "left")

    def __init__(self, source: ChunkInput, size: int) -> None:
        self._source, self.left = source, size

    def read(self, count: int) -> bytes:
        """Return the next ``count`` bytes; fewer only at the end."""
        data = ChunkInput.take(self._source, min(count, self.left))  # not the take that records
        self.left -= len(data)
        return data


def split(layer: Layer, target: BinaryIO) -> Generator[tuple[str, FileInTar], None, None]:
    """Yield the path (str) and the content (FileInTar) of each file in the layer's tar, in order.

    After the last one, ``target`` (binary file object) holds the rest of the tar, as ``tar-split.json.gz``, and with
    it each content that was not read.  The tar is read once, from its beginning to its end.  Raises as ``read_entries``
    and ``tar_chunks`` do, InvalidLayer for a content that was read in part, and OSError of ``target``.

    >>> target = io.BytesIO()
    >>> [(path, content.read(9)) for path, content in split(Layer.of({"/etc/motd": "hello"}), target)]
    [('/etc/motd', b'hello')]
    >>> [json.loads(line).get("name") for line in gzip.decompress(target.getvalue()).splitlines()]
    [None, 'etc/', None, 'etc/motd', None]
    """
    with gzip.GzipFile("", "wb", FAST, target, mtime=0) as lines, _tar(layer) as chunks:
        source = _Recording(chunks, lines)
        for entry in read_entries(source, short(layer.diff_id), Budget(Limits())):
            content = FileInTar(source, entry.size)
            if entry.type in FILES:
                yield paths.normal(entry.name.decode("utf-8", "surrogateescape")), content
            if content.left == 0:
                source.end_file(entry.name, entry.size)
            elif content.left < entry.size:
                raise InvalidLayer(_("a file of {layer} was read in part.").format(layer=short(layer.diff_id)))
        while source.take(CHUNK):
            pass  # what follows the tar's end is part of it
        source.end_segment()
        source.flush()


@contextmanager
def _tar(layer: Layer) -> Iterator[Iterator[bytes]]:
    """Give the layer's tar, in chunks; one that lies in an image file is decompressed in another thread."""
    if isinstance(layer.tar, StoredLayer):
        with closing(read_ahead(layer.tar.tar())) as chunks:
            yield chunks
    else:
        yield tar_chunks(layer)


class _Recording(ChunkInput):
    """The bytes of a tar, which are written down as they are taken, in lines."""

    def __init__(self, chunks: Iterator[bytes], file: gzip.GzipFile) -> None:
        super().__init__(chunks)
        self._file, self._segment = file, bytearray()
        self._lines: list[str] = []
        self._written = 0  # lines

    def take(self, count: int) -> bytes:
        data = super().take(count)
        self._segment += data
        if len(self._segment) >= CHUNK:
            self.end_segment()
        return data

    def skip(self, count: int) -> bool:
        while count:
            step = len(self.take(min(count, CHUNK)))
            if not step:
                return False
            count -= step
        return True

    def end_segment(self) -> None:
        if self._segment:
            payload = base64.b64encode(self._segment).decode()
            self._line(f'{{"type":{SEGMENT},"payload":"{payload}","position":{self._written}}}\n')
            self._segment.clear()

    def end_file(self, name: bytes, size: int) -> None:
        self.end_segment()
        try:
            told = f'"name":{json.dumps(name.decode())}'
        except UnicodeDecodeError:
            told = f'"name_raw":"{base64.b64encode(name).decode()}"'
        told += f',"size":{size}' if size else ""
        self._line(f'{{"type":{FILE},{told},"payload":null,"position":{self._written}}}\n')

    def _line(self, line: str) -> None:
        self._lines.append(line)
        self._written += 1
        if len(self._lines) == AT_ONCE:
            self.flush()

    def flush(self) -> None:
        self._file.write("".join(self._lines).encode())
        self._lines.clear()


class Piece(NamedTuple):
    """One line of ``tar-split.json.gz``: a ``segment`` of the tar (bytes), or the file at ``path`` (str, ``size``)."""

    segment: bytes = b""
    path: str = ""
    size: int = 0


@dataclass(frozen=True)
class TarSplit:
    """A layer's tar, put together again; as a Content, it is that tar.

    ``file`` opens ``tar-split.json.gz``, ``contents`` a file of the unpacked layer (Opener); ``where`` names the layer
    for messages (str).
    """

    where: str
    file: Callable[[], BinaryIO]
    contents: Opener

    def pieces(self) -> Generator[Piece, None, None]:
        """Yield the pieces (Piece) of the tar, in order.  Raises InvalidLayer: the file is damaged."""
        try:
            with self.file() as stream, gzip.GzipFile(fileobj=stream) as lines:
                while line := lines.readline(LONGEST_LINE):
                    yield _piece(json.loads(line))
        except NOT_READABLE as error:
            raise self.damaged(error) from error

    def chunks(self) -> Iterator[bytes]:
        """Yield the tar, in chunks (bytes).  Raises InvalidLayer: a file is missing, or not as long as it was."""
        for piece in self.pieces():
            if piece.size:
                yield from self._content(piece)
            elif piece.segment:
                yield piece.segment

    def _content(self, piece: Piece) -> Iterator[bytes]:
        left = piece.size
        try:
            with self.contents(piece.path) as stream:
                while left and (chunk := stream.read(min(left, CHUNK))):
                    left -= len(chunk)
                    yield chunk
        except OSError as error:
            raise self.damaged(error) from error
        if left:
            raise self.damaged(_("'{path}' is shorter than it was").format(path=piece.path))

    def open(self) -> BinaryIO:
        """Return the tar as a stream (binary file object)."""
        return io.BufferedReader(_Stream(self.chunks()), CHUNK)

    def damaged(self, reason: object) -> InvalidLayer:
        """Return the error (InvalidLayer) that says why the tar cannot be put together."""
        return InvalidLayer(
            _("{where}: what is kept of it is damaged: {reason}; remove the image and pull it again.").format(
                where=self.where, reason=shown(str(reason))
            )
        )


def restored(tar: TarSplit, diff_id: str, parent: Layer | None = None) -> Layer:
    """Return a layer that lies unpacked on a disk (Layer, on ``parent``), of which ``tar`` (TarSplit) is the tar.

    Its entries are what the headers say, whatever this disk could keep of it; contents are opened when they are read.
    ``diff_id`` is the layer's (str).  Raises InvalidLayer: what is kept of it is damaged; and as ``read_contents``.
    """
    with closing(tar.pieces()) as pieces:
        source = _Pieces(pieces, tar)
        found = read_contents(source, tar.where, Budget(Limits()), source.content)
        for _piece in pieces:
            pass  # whatever follows the tar's end is read once, to be there when it is needed
    return Layer(
        MappingProxyType(found.entries), frozenset(found.whiteouts), frozenset(found.opaque), parent, diff_id, tar
    )


@dataclass(frozen=True, slots=True)
class Unpacked:
    """The content of a file that lies unpacked at ``path`` (str), opened by ``opener`` (Opener)."""

    path: str
    opener: Opener

    def open(self) -> BinaryIO:
        """Return the bytes as a stream (binary file object)."""
        return self.opener(self.path)


class _Pieces:
    """The bytes of a tar in pieces, without the contents: a TarInput in which they can only be skipped."""

    def __init__(self, pieces: Iterator[Piece], tar: TarSplit) -> None:
        self.position = 0
        self._pieces, self._tar, self._piece, self._at = pieces, tar, Piece(), 0

    def take(self, count: int) -> bytes:
        taken = b""
        while len(taken) < count and self._some() and not self._piece.size:
            part = self._piece.segment[self._at : self._at + count - len(taken)]
            self._at += len(part)
            self.position += len(part)
            taken += part
        return taken

    def skip(self, count: int) -> bool:
        while count and self._some():
            step = min(count, len(self._piece.segment) + self._piece.size - self._at)
            self._at += step
            self.position += step
            count -= step
        return not count

    def content(self, offset: int, size: int) -> Content:
        if not (self._some() and self._at == 0 and self._piece.size == size and self.position == offset):
            raise self._tar.damaged(_("there is no content at byte {offset}").format(offset=offset))
        return Unpacked(self._piece.path, self._tar.contents)

    def _some(self) -> bool:
        """Tell whether there is a byte, after going on to the next piece if this one is used up."""
        while self._at == len(self._piece.segment) + self._piece.size:
            piece = next(self._pieces, None)
            if piece is None:
                return False
            self._piece, self._at = piece, 0
        return True


def _piece(line: dict[str, object]) -> Piece:
    """Return what one line says (Piece).  Raises ValueError, TypeError, KeyError."""
    if line["type"] == SEGMENT:
        return Piece(base64.b64decode(str(line["payload"]), validate=True))
    raw, size = line.get("name_raw"), line.get("size", 0)
    name = base64.b64decode(raw).decode("utf-8", "surrogateescape") if isinstance(raw, str) else line["name"]
    if line["type"] != FILE or not isinstance(name, str) or not isinstance(size, int) or size < 0:
        raise ValueError(_("a line is neither a segment nor a file"))
    return Piece(path=paths.normal(name), size=size)


class _Stream(io.RawIOBase):
    """Chunks as a stream."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks, self._rest = chunks, memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "memoryview | bytearray", /) -> int:  # type: ignore[override]
        if not self._rest:
            self._rest = memoryview(next(self._chunks, b""))
        part = self._rest[: len(buffer)]
        buffer[: len(part)] = part
        self._rest = self._rest[len(part) :]
        return len(part)
