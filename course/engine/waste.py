"""Waste: what an image carries in its layers and never shows, because it was overwritten or deleted."""

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from course.layers.entry import FileEntry, Kind
from course.layers.layer import Layer
from course.union.view import UnionView

T = TypeVar("T", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Wasted:
    """A file that an image carries and never shows: its ``path`` (str) in layer ``layer`` (int, 0 is the lowest).

    ``size`` is its bytes (int); ``is_replaced`` whether the image shows something else under that path (bool), and not
    nothing.
    """

    path: str
    layer: int
    size: int
    is_replaced: bool


@dataclass(frozen=True, slots=True)
class Waste:
    """What an image carries in vain: its ``files`` (tuple of Wasted), of the ``total`` bytes of its layers (int).

    Each copy that does not show counts once, and the one that shows does not count: of N copies, N - 1 are wasted.
    """

    files: tuple[Wasted, ...]
    total: int

    @property
    def size(self) -> int:
        """The bytes that could be saved (int)."""
        return sum(file.size for file in self.files)

    @property
    def efficiency(self) -> float:
        """Which part of the bytes shows (float, 0 to 1)."""
        return 1 - self.size / self.total if self.total else 1.0

    @property
    def by_layer(self) -> dict[int, int]:
        """How many bytes of each layer are wasted (dict of the layer's number to int)."""
        return dict(sorted(_sums((file.layer, file.size) for file in self.files).items()))

    @property
    def by_path(self) -> dict[str, int]:
        """How many bytes are wasted under each path (dict of str to int), the most first."""
        sums = _sums((file.path, file.size) for file in self.files)
        return dict(sorted(sums.items(), key=lambda each: (-each[1], each[0])))


def waste(layers: Sequence[Layer]) -> Waste:
    """Return what ``layers`` (sequence of Layer, the lowest first) carry and their view never shows (Waste).

    A file with several names in a layer is wasted if none of them shows.

    >>> from course.layers.small_image import small_image
    >>> found = waste(small_image("greeter:1").layers)
    >>> found.by_path, found.by_layer
    ({'/app/notes.txt': 26, '/app/settings.ini': 17}, {1: 43})
    """
    view = UnionView(layers)
    files: list[Wasted] = []
    for number, layer in enumerate(layers):
        names: dict[str, list[str]] = {}
        for path, entry in layer.entries.items():
            names.setdefault(entry.link_to or path, []).append(path)
        for path, entry in layer.entries.items():
            size = 0 if entry.link_to else _size(entry)
            shown = [view.lookup(name) for name in names[path]] if size else []
            if size and not any(found and found.layer == number for found in shown):
                files.append(Wasted(path, number, size, any(shown)))
    return Waste(tuple(files), sum(layer.size for layer in layers))


def as_dive_counts(layers: Sequence[Layer]) -> tuple[int, float]:
    """Return the wasted bytes (int) and the efficiency (float, 0 to 1) that the program dive shows for ``layers``.

    It counts every copy of a path that several layers speak of, also the one that shows, and of a deleted file nothing
    but of a deleted directory everything below it; the efficiency is that of the smallest copies.  Rule: dive,
    filetree/efficiency.go.

    >>> from course.layers.small_image import small_image
    >>> as_dive_counts(small_image("greeter:1").layers)[0]
    62
    """
    copies: dict[str, list[int]] = {}
    for number, layer in enumerate(layers):
        for path in (*layer.entries, *layer.whiteouts):
            entry = layer.entries.get(path)
            if entry is None:
                below = UnionView(layers[:number]).walk(path) if number else ()
                copies.setdefault(path, []).append(sum(found.entry.size for _path, found in below))
            elif not layer.children(path):
                copies.setdefault(path, []).append(entry.size)
    total = sum(map(sum, copies.values()))
    wasted = sum(sum(sizes) for sizes in copies.values() if len(sizes) > 1)
    return wasted, sum(map(min, copies.values())) / total if total else 1.0


def _size(entry: FileEntry) -> int:
    """Return what an entry counts in ``Layer.size`` (int, bytes)."""
    return len(entry.target.encode("utf-8", "surrogateescape")) if entry.kind is Kind.SYMLINK else entry.size


def _sums(pairs: Iterable[tuple[T, int]]) -> Counter[T]:
    sums = Counter[T]()
    for key, size in pairs:
        sums[key] += size
    return sums
