"""Unpacking: what a compressed blob holds, as a blob in a temporary file, any part of which can be read at once."""

import math
import tempfile
from typing import BinaryIO

from course.errors import MachineError, NotAnImage
from course.transport.blobs import Anonymous, Blob
from course.transport.compression import GZIP, PLAIN, ZSTD, compression_of, decompressed
from course.transport.limits import Limits
from course.words import _


def plain(blob: Blob, limits: Limits) -> Blob:
    """Return a tar (Blob) as it is, or unpacked if its first bytes say that it is compressed.

    Raises NotAnImage: it is compressed in a way that the course cannot read; and as ``unpacked`` does.
    """
    with blob.open() as stream:
        compression = compression_of(stream.read(8))
    if compression == PLAIN:
        return blob
    if compression not in (GZIP, ZSTD):
        raise NotAnImage(
            _("{where}: is compressed with {compression}; decompress it first, with `{compression} -d`.").format(
                where=blob.where, compression=compression
            )
        )
    return unpacked(blob, compression, limits.most_uncompressed(blob.size))


def unpacked(blob: Blob, compression: str, limit: float = math.inf) -> Blob:
    """Return what a compressed blob (Blob) holds, as a Blob.  Raises as ``kept`` does."""
    with blob.open() as stream:
        return kept(stream, blob.where, compression, limit)


def kept(stream: BinaryIO, where: str, compression: str = PLAIN, limit: float = math.inf) -> Blob:
    """Return what ``stream`` (binary file object) holds, in a temporary file that no name leads to (Blob).

    The file ends with the last blob that lies in it.  Raises MachineError: there is no room for it; and as
    ``decompressed`` does, whose parameters the others are.

    >>> import io
    >>> kept(io.BytesIO(b"hello"), "here").read()
    b'hello'
    """
    file = tempfile.TemporaryFile()  # noqa: SIM115 (Anonymous closes it)
    storage = Anonymous(file)
    for chunk in decompressed(stream, compression, where, limit):
        try:
            file.write(chunk)
            file.flush()
        except OSError as error:
            raise MachineError(
                _("{where}: cannot be put into {folder}: {reason}.").format(
                    where=where, folder=tempfile.gettempdir(), reason=error.strerror
                )
            ) from error
    return Blob(where, storage, 0, file.tell())
