"""Tar archives in a build: those that ADD unpacks, and a build context that comes as one."""

import io
from collections.abc import Iterator

from course.engine.build.refusal import ContextError
from course.errors import ImageError
from course.layers.entry import FileEntry, InMemory
from course.layers.layer import Layer
from course.transport.compression import CHUNK, compression_of, decompressed
from course.transport.layer_reader import read_contents
from course.transport.limits import Budget, Limits
from course.transport.tar_entries import SeekableInput
from course.transport.tar_header import BLOCK, parse_header
from course.words import _, size

LIMITS = Limits(uncompressed=256 << 20, entries=100_000, text=64 << 20)


def is_archive(data: bytes) -> bool:
    """Tell whether ADD would unpack a file with this content (bytes): a tar, compressed perhaps.

    >>> from course.layers.archive import tar_bytes
    >>> is_archive(tar_bytes(Layer.of({"a": "1"}))), is_archive(b"#!/bin/sh")
    (True, False)
    """
    try:
        head = b""
        for chunk in _uncompressed(data, "", limit=len(data) * 2000 + CHUNK):
            head += chunk
            if len(head) >= BLOCK:
                break
        if len(head) < BLOCK or not head[:BLOCK].strip(b"\0"):
            return False
        parse_header(head[:BLOCK])
    except (ValueError, OSError, EOFError, ImageError):
        return False
    return True


def unpacked(data: bytes, where: str) -> dict[str, FileEntry]:
    """Return what a tar (bytes), compressed perhaps, holds (path -> FileEntry), its contents in memory.

    ``where`` names it for messages (str).  Raises ImageError and its kin: it is damaged, hostile or too large.
    """
    try:
        tar = b"".join(_uncompressed(data, where, min(LIMITS.uncompressed, LIMITS.most_uncompressed(len(data)))))
    except (OSError, EOFError) as error:
        raise ImageError(_("{where}: is damaged: {reason}.").format(where=where, reason=error)) from error
    source = SeekableInput(io.BytesIO(tar), len(tar))
    view = memoryview(tar)
    contents = read_contents(
        source, where, Budget(LIMITS), lambda offset, count: InMemory(bytes(view[offset : offset + count]))
    )
    return contents.entries


def context_from_tar(data: bytes, where: str = "context") -> Layer:
    """Return the build context (Layer) that a tar (bytes), compressed perhaps, holds.

    Raises ContextError: it cannot be read.

    >>> from course.layers.archive import tar_bytes
    >>> sorted(context_from_tar(tar_bytes(Layer.of({"src/a": "1"}))).entries)
    ['/src', '/src/a']
    """
    try:
        return Layer(unpacked(data, where))
    except ImageError as error:
        raise ContextError(str(error)) from error


def _uncompressed(data: bytes, where: str, limit: int) -> Iterator[bytes]:
    stream = io.BytesIO(data)
    compression = compression_of(data[:8])
    if compression in ("xz", "bzip2"):
        yield from _by_library(stream, compression, where, limit)
    else:
        yield from decompressed(stream, compression, where, limit)


def _by_library(stream: io.BytesIO, compression: str, where: str, limit: int) -> Iterator[bytes]:
    import bz2  # not at the top: few archives are compressed so, and some Pythons lack one of them
    import lzma

    total = 0
    try:
        with lzma.open(stream) if compression == "xz" else bz2.open(stream) as file:
            while chunk := file.read(CHUNK):
                total += len(chunk)
                if total > limit:
                    raise ImageError(
                        _("{where}: more than {limit} come out of it.").format(where=where, limit=size(limit))
                    )
                yield chunk
    except lzma.LZMAError as error:
        raise ImageError(_("{where}: is damaged: {reason}.").format(where=where, reason=error)) from error
