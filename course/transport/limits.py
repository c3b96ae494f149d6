"""Limits: what an image may measure before its reader refuses it, each set well above real images."""

from dataclasses import dataclass

from course.errors import LimitExceeded
from course.words import _, size


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on what an image may make its reader do.

    ``uncompressed`` bounds the bytes of a layer's tar, and of an archive that was compressed as a whole (int); so do
    ``free`` bytes plus ``ratio`` times the compressed size, since a gzip bomb makes a thousand bytes of one.
    ``entries`` bounds an image's file entries, the directories that they imply among them, and ``text`` the bytes of
    their extended headers and implied names.  ``name`` and ``component`` bound the bytes of a path and of one name
    (limits.h: PATH_MAX, NAME_MAX), ``depth`` the directories on its way, ``extended_header`` the bytes of one extended
    header.  ``layers`` bounds the layers of an image, ``nested`` how deep an index lies within others, ``descriptors``
    how many of them an index and those nested in it hold, ``documents`` the bytes of a file's JSON documents.

    >>> Limits().most_uncompressed(compressed=1 << 20) == Limits().free + (256 << 20)
    True
    """

    uncompressed: int = 256 << 30
    free: int = 256 << 20
    ratio: int = 256
    entries: int = 2_000_000
    text: int = 512 << 20
    name: int = 4096
    component: int = 255
    depth: int = 512
    extended_header: int = 1 << 20
    layers: int = 500
    nested: int = 8
    descriptors: int = 10_000
    documents: int = 32 << 20

    def most_uncompressed(self, compressed: int) -> int:
        """Return how many bytes may come out of so many ``compressed`` ones (int)."""
        return min(self.uncompressed, self.free + self.ratio * compressed)


class Stopped(Exception):  # noqa: N818 (no error: another thread has met one)
    """The work was called off."""


class Budget:
    """What the reading of one image may still spend of its ``limits`` (Limits): entries and their text.

    Two threads that spend at once may lose a count now and then, which a bound can bear.
    """

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.entries = 0
        self.text = 0
        self._stopped = False

    def stop(self) -> None:
        """Call the work off: whoever spends next, nothing even, learns of it."""
        self._stopped = True

    def spend(self, where: str, entries: int = 0, text: int = 0) -> None:
        """Count so many more entries and bytes of text, at ``where`` (str).  Raises LimitExceeded, Stopped."""
        if self._stopped:
            raise Stopped
        self.entries += entries
        self.text += text
        if self.entries > self.limits.entries:
            raise LimitExceeded(
                _("{where}: the image has more than {limit} entries; real images stay far below that.").format(
                    where=where, limit=self.limits.entries
                )
            )
        if self.text > self.limits.text:
            raise LimitExceeded(
                _("{where}: names and attributes take more than {limit}; real images stay far below that.").format(
                    where=where, limit=size(self.limits.text)
                )
            )
