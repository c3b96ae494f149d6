"""A layer as it lies in an image file: verified, indexed, and its files' contents read when they are asked for."""

import hashlib
import io
import math
import sys
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from functools import cached_property
from typing import BinaryIO

from course.errors import DigestMismatch, LimitExceeded
from course.layers.digest import sha256
from course.layers.entry import FileEntry, Kind
from course.layers.layer import Layer
from course.transport.blobs import BUFFER, Blob, check_digest
from course.transport.compression import PLAIN, decompressed
from course.transport.layer_reader import LayerContents, read_contents
from course.transport.limits import Budget
from course.transport.tar_entries import ChunkInput, SeekableInput
from course.transport.unpacking import unpacked
from course.words import _, size


@dataclass(frozen=True)
class StoredLayer:
    """A layer in an image file; as a Content, it is the layer's tar.

    ``blob`` is its bytes (Blob), ``media_type`` and ``compression`` ("gzip", "zstd" or empty) say what they are (str).
    ``digest`` is the blob's (str; empty in an archive that does not tell), ``diff_id`` that of the tar in it (str).
    """

    blob: Blob
    media_type: str
    compression: str
    digest: str
    diff_id: str

    def tar(self, limit: float = math.inf) -> Generator[bytes, None, None]:
        """Yield the layer's tar, in chunks (bytes).  Raises as ``compression.decompressed`` does."""
        with self.blob.open() as stream:
            yield from decompressed(stream, self.compression, self.blob.where, limit)

    @cached_property
    def plain(self) -> Blob:
        """The layer's tar (Blob): a compressed layer is unpacked when this is first asked for, and stays so."""
        return unpacked(self.blob, self.compression) if self.compression != PLAIN else self.blob

    @property
    def is_plain(self) -> bool:
        """Whether any part of the tar can be read at once (bool), without unpacking all that lies before it."""
        return self.compression == PLAIN or "plain" in vars(self)

    def open(self) -> BinaryIO:
        """Return the layer's tar as a stream (binary file object)."""
        return self.content(0, sys.maxsize).open() if not self.is_plain else self.plain.open()

    def content(self, offset: int, size: int) -> "InLayer":
        """Return the content (InLayer) that begins at ``offset`` of the tar and has ``size`` bytes (int)."""
        return InLayer(self, offset, size)


def read_stored(stored: StoredLayer, budget: Budget) -> tuple[LayerContents, str]:
    """Return what a stored layer holds (LayerContents) and its blob's digest (str), after all of it was verified.

    The blob's digest is checked before anything is made of its bytes, and the tar's against the diff_id.  Entries are
    counted on ``budget`` (Budget), which can stop the work.  Raises DigestMismatch, and as ``read_contents`` and
    ``decompressed`` do.  Rule: image-spec descriptor.md, "Verification"; config.md, "Layer DiffID".
    """
    blob = stored.blob
    with closing(blob.chunks()) as chunks:
        digest = sha256(_watched(chunks, blob.where, budget))
    if stored.digest:
        check_digest(blob, digest, stored.digest)
    if stored.compression == PLAIN:
        _check_diff_id(stored, digest)
        if blob.size > budget.limits.uncompressed:
            raise LimitExceeded(
                _("{where}: has {found}; expected {limit} at most.").format(
                    where=blob.where, found=size(blob.size), limit=size(budget.limits.uncompressed)
                )
            )
        with blob.open() as stream:
            return read_contents(SeekableInput(stream, blob.size), blob.where, budget, stored.content), digest
    hasher = hashlib.sha256()
    with closing(stored.tar(budget.limits.most_uncompressed(blob.size))) as tar:
        rest = _watched(tar, blob.where, budget, hasher.update)
        contents = read_contents(ChunkInput(rest), blob.where, budget, stored.content)
        for _chunk in rest:
            pass  # what follows the tar's end is part of what the diff_id names
    _check_diff_id(stored, f"sha256:{hasher.hexdigest()}")
    return contents, digest


def _watched(
    chunks: Iterator[bytes], where: str, budget: Budget, watch: Callable[[bytes], None] = lambda _chunk: None
) -> Iterator[bytes]:
    for chunk in chunks:
        budget.spend(where)  # nothing, but the work may have been called off
        watch(chunk)
        yield chunk


def _check_diff_id(stored: StoredLayer, found: str) -> None:
    if found != stored.diff_id:
        raise DigestMismatch(
            _("{where}: the tar in it has the digest {found}, and the config's diff_id is {expected}.").format(
                where=stored.blob.where, found=found, expected=stored.diff_id
            )
        )


@dataclass(frozen=True, slots=True)
class InLayer:
    """The content of a file in a stored layer: ``size`` bytes (int) from ``offset`` (int) of its tar on."""

    layer: StoredLayer
    offset: int
    size: int

    def open(self) -> BinaryIO:
        """Return the bytes as a stream (binary file object); a compressed layer is decompressed up to them."""
        if self.layer.is_plain:
            return self.layer.plain.open(self.offset, self.size)
        unpacking = _Unpacking(self.layer)
        return unpacking.part(self, unpacking.close)


class _Unpacking:
    """One pass over a compressed layer: contents are taken from it in the order in which they lie there."""

    def __init__(self, layer: StoredLayer) -> None:
        self._layer = layer
        tar = layer.tar()
        self._source, self.close = ChunkInput(tar), tar.close

    def part(self, content: InLayer, and_then: Callable[[], None] = lambda: None) -> BinaryIO:
        self._source.skip(content.offset - self._source.position)
        return io.BufferedReader(_Part(self._source, content.size, and_then), BUFFER)

    def has_passed(self, content: InLayer) -> bool:
        return content.layer is not self._layer or content.offset < self._source.position


class _Part(io.RawIOBase):
    """The next ``size`` bytes (int) of a tar as a stream; ``and_then`` is called when it is closed."""

    def __init__(self, source: ChunkInput, size: int, and_then: Callable[[], None]) -> None:
        self._source, self._left, self._and_then = source, size, and_then

    def close(self) -> None:
        self._and_then()
        super().close()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "memoryview | bytearray", /) -> int:  # type: ignore[override]
        data = self._source.take(min(len(buffer), self._left))
        buffer[: len(data)] = data
        self._left -= len(data)
        return len(data)


def unpack(layers: Iterable[Layer]) -> None:
    """Unpack the compressed ones of these layers (Layers), so that any of their files can be read at once.

    Without it a file is reached by unpacking all that lies before it, each time: good for a look at one, and for
    ``stream_layer``, but not for a container.  What is unpacked lies in temporary files that end with the layers.
    Raises MachineError: there is no room for it; and as ``compression.decompressed`` does.
    """
    for layer in layers:
        if isinstance(layer.tar, StoredLayer):
            layer.tar.plain  # noqa: B018 (which unpacks it)


def stream_layer(layer: Layer) -> Iterator[tuple[str, FileEntry, BinaryIO | None]]:
    """Yield each path (str) of ``layer`` with its entry (FileEntry) and, for a file, its content (binary file object).

    They come in the tar's order, so that a compressed layer is decompressed once and not once a file; a stream is good
    until the next one comes.  Another name of a file that was there before (``link_to``) has no content of its own.

    >>> [(path, stream and stream.read()) for path, entry, stream in stream_layer(Layer.of({"/etc/motd": "hello"}))]
    [('/etc', None), ('/etc/motd', b'hello')]
    """
    with ExitStack() as opened:
        unpacking: _Unpacking | None = None
        for path, entry in layer.entries.items():
            content = entry.content
            if entry.kind is not Kind.FILE or entry.link_to:
                yield path, entry, None
                continue
            if isinstance(content, InLayer) and not content.layer.is_plain:
                if unpacking is None or unpacking.has_passed(content):
                    opened.close()
                    unpacking = _Unpacking(content.layer)
                    opened.callback(unpacking.close)
                stream = unpacking.part(content)
            else:
                stream = content.open()
            with stream:
                yield path, entry, stream
