"""A file entry: one file, directory, link or device of a layer, with its metadata."""

import io
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType
from typing import BinaryIO, Protocol

NO_XATTRS: Mapping[str, bytes] = MappingProxyType({})


class Kind(Enum):
    """What an entry is; the value is the bit pattern of ``st_mode`` (inode(7))."""

    FILE = stat.S_IFREG
    DIRECTORY = stat.S_IFDIR
    SYMLINK = stat.S_IFLNK
    CHARACTER_DEVICE = stat.S_IFCHR
    BLOCK_DEVICE = stat.S_IFBLK
    FIFO = stat.S_IFIFO


class Content(Protocol):
    """The bytes of a file, wherever they lie: in memory, or in a layer's tar."""

    def open(self) -> BinaryIO:
        """Return the bytes as a stream (binary file object), from the first one."""
        ...


@dataclass(frozen=True, slots=True)
class InMemory:
    """File content that is held in memory.

    >>> InMemory(b"hello").open().read()
    b'hello'
    """

    data: bytes

    def open(self) -> BinaryIO:
        """Return the bytes as a stream (binary file object)."""
        return io.BytesIO(self.data)


EMPTY = InMemory(b"")


@dataclass(frozen=True, slots=True)
class FileEntry:
    """One entry of a layer: an inode's metadata, and where a file's content is.

    ``mode`` is the permission bits (int, 0 to 0o7777), ``uid`` and ``gid`` are numbers, ``mtime_ns`` is nanoseconds
    since 1970 (int), ``size`` is bytes (int), ``target`` is where a symbolic link points (str), ``device`` is the major
    and minor number of a device (pair of int), ``xattrs`` maps names (str) to values (bytes).  ``link_to`` is the path
    of the entry of the same layer that this one is another name of (str), or empty.  Rule: image-spec layer.md, "File
    Attributes" and "Hardlinks".

    Entries are compared by their metadata; contents are the business of digests.

    >>> FileEntry(Kind.FILE, content=InMemory(b"hello"), size=5).st_mode == 0o100644
    True
    """

    kind: Kind
    mode: int = 0o644
    uid: int = 0
    gid: int = 0
    mtime_ns: int = 0
    size: int = 0
    target: str = ""
    device: tuple[int, int] = (0, 0)
    link_to: str = ""
    xattrs: Mapping[str, bytes] = field(default_factory=lambda: NO_XATTRS)
    content: Content = field(default=EMPTY, compare=False, repr=False)

    @property
    def st_mode(self) -> int:
        """Kind and permission bits together, as stat(2) gives them (int)."""
        return self.kind.value | self.mode

    @property
    def is_directory(self) -> bool:
        """Whether this is a directory (bool)."""
        return self.kind is Kind.DIRECTORY

    def read(self) -> bytes:
        """Return the whole content (bytes)."""
        with self.content.open() as stream:
            return stream.read()


IMPLIED_DIRECTORY = FileEntry(Kind.DIRECTORY, mode=0o755)
"""A directory that a layer speaks of only by what lies in it: its attributes come from the layer below."""


def file(data: bytes | str, mode: int = 0o644, **metadata: int) -> FileEntry:
    """Return a regular file (FileEntry) with this content (bytes, or str to be encoded as UTF-8).

    >>> file("hello").size
    5
    """
    content = data.encode("utf-8", "surrogateescape") if isinstance(data, str) else data
    return FileEntry(Kind.FILE, mode, size=len(content), content=InMemory(content), **metadata)  # type: ignore[arg-type]


def directory(mode: int = 0o755, **metadata: int) -> FileEntry:
    """Return a directory (FileEntry).

    >>> oct(directory().st_mode)
    '0o40755'
    """
    return FileEntry(Kind.DIRECTORY, mode, **metadata)  # type: ignore[arg-type]


def symlink(target: str) -> FileEntry:
    """Return a symbolic link to ``target`` (FileEntry).

    >>> symlink("busybox").target
    'busybox'
    """
    return FileEntry(Kind.SYMLINK, 0o777, target=target)
