"""The members of an image archive that is about to be written: documents, layers, and links between them."""

import json
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass

from course.layers.archive import BLOCK, layer_tar, tar_chunks
from course.layers.layer import Layer


@dataclass(frozen=True, slots=True)
class Member:
    """A file of an archive: its ``name`` (str), and its content: ``size`` bytes (int) from ``source``.

    The source is the bytes themselves, a layer, whose tar it shall be (Layer), or the file that this one is a symbolic
    link to (str).  A name that ends in a slash is a directory's.
    """

    name: str
    size: int
    source: bytes | Layer | str

    def tar(self) -> Iterator[bytes]:
        """Yield the member as it stands in a tar: a header with nothing of this machine or this moment in it, content.

        Raises as ``layer_tar`` does.
        """
        info = tarfile.TarInfo(self.name)
        info.size = self.size
        if self.name.endswith("/"):
            info.type, info.mode = tarfile.DIRTYPE, 0o755
        if isinstance(self.source, str):
            info.type, info.mode, info.linkname = tarfile.SYMTYPE, 0o777, self.source
        yield info.tobuf(tarfile.PAX_FORMAT)
        if isinstance(self.source, Layer):
            yield from layer_tar(self.source)
        elif isinstance(self.source, bytes):
            yield self.source
        yield bytes(-self.size % BLOCK)


def in_memory(name: str, data: bytes) -> Member:
    """Return a member of these bytes."""
    return Member(name, len(data), data)


def folder(name: str) -> Member:
    """Return a directory (Member) of this name (str)."""
    return Member(f"{name}/", 0, b"")


def link(name: str, target: str) -> Member:
    """Return a symbolic link (Member) to ``target`` (str, from where it stands)."""
    return Member(name, 0, target)


def of_layer(name: str, layer: Layer) -> Member:
    """Return a member whose content is the tar of ``layer``, which is read once to see how long it is."""
    return Member(name, sum(map(len, tar_chunks(layer))), layer)


def as_json(document: object) -> bytes:
    """Return a JSON document, the same bytes whenever it is made of the same.

    >>> as_json({"os": "linux", "architecture": "amd64"})
    b'{"architecture":"amd64","os":"linux"}'
    """
    return json.dumps(document, sort_keys=True, separators=(",", ":")).encode()
