"""A tar that is no image: for `docker import`, `docker cp -` and ADD it becomes a layer."""

import io
from pathlib import Path
from types import MappingProxyType
from typing import BinaryIO

from course.errors import NotAnImage
from course.layers.digest import sha256
from course.layers.layer import Layer
from course.transport.blobs import Anonymous, Blob, OnDisk
from course.transport.compression import PLAIN
from course.transport.layer_reader import read_contents
from course.transport.limits import Budget, Limits
from course.transport.media_types import DOCKER_LAYER
from course.transport.stored_layer import StoredLayer
from course.transport.tar_entries import SeekableInput
from course.transport.unpacking import kept, plain
from course.words import _, shown

LIMITS = Limits()


def read_tar(source: Path | str | bytes | BinaryIO, where: str = "", limits: Limits = LIMITS) -> Layer:
    """Return a tar as a layer that stands on none (Layer): its files, with ``.wh.NAME`` taken for whiteouts.

    ``source`` is a file's path (Path or str), the tar itself (bytes), or a stream of it (binary file object), which is
    read to its end and kept in a temporary file.  A tar that is compressed with gzip or zstd is unpacked.  ``where``
    names it for messages (str; its path, if empty).  The layer's diff_id is the digest of this very tar.

    Raises ImageError and its kin, in one sentence: NotAnImage, no tar; InvalidLayer, a tar that is damaged or hostile;
    TruncatedArchive; LimitExceeded.  Rule: image-spec layer.md.

    >>> from course.layers.archive import tar_bytes
    >>> read_tar(tar_bytes(Layer.of({"/etc/motd": "hello"}))).entries["/etc/motd"].read()
    b'hello'
    """
    blob = plain(_blob(source, where, limits), limits)
    stored = StoredLayer(blob, DOCKER_LAYER, PLAIN, "", sha256(blob.chunks()))
    with blob.open() as stream:
        contents = read_contents(SeekableInput(stream, blob.size), blob.where, Budget(limits), stored.content)
    return Layer(
        MappingProxyType(contents.entries),
        frozenset(contents.whiteouts),
        frozenset(contents.opaque),
        None,
        stored.diff_id,
        stored,
    )


def _blob(source: Path | str | bytes | BinaryIO, where: str, limits: Limits) -> Blob:
    if isinstance(source, bytes):
        return Blob(where, Anonymous(io.BytesIO(source)), 0, len(source))
    if not isinstance(source, Path | str):
        return kept(source, where, limit=limits.uncompressed)
    path = Path(source)
    where = where or shown(str(path))
    if path.exists() and not path.is_file():  # a directory; or a FIFO, which would keep its reader waiting
        raise NotAnImage(_("{where}: is no file; expected a tar.").format(where=where))
    storage = OnDisk(path)
    return Blob(where, storage, 0, storage.size)
