"""The union view: many read-only layers, seen as one file system.

This is the code that the lessons show.  The whole rule is in ``merged``: within a directory, the topmost layer that has
a name wins; a whiteout hides the name in every layer below it; an opaque directory hides everything below it; and only
directories that lie on directories are merged.
"""

import errno
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from course.layers import paths
from course.layers.entry import IMPLIED_DIRECTORY, FileEntry, Kind
from course.layers.layer import Layer
from course.union.errnos import failure

MAX_SYMLINKS = 40  # path_resolution(7)


@dataclass(frozen=True, slots=True)
class Found:
    """What a path shows: the entry that wins, and the layers that it comes from.

    ``entry`` is the winner (FileEntry).  ``layers`` are the numbers of the layers that show through, the topmost first
    (tuple of int, 0 is the lowest layer): one for a file, one or more for a directory, whose content is merged.
    """

    entry: FileEntry
    layers: tuple[int, ...]

    @property
    def layer(self) -> int:
        """The number of the layer that wins (int, 0 is the lowest)."""
        return self.layers[0]


class UnionView:
    """The read-only view of a stack of layers (sequence of Layer, the lowest first).

    Nothing is copied: a directory is merged when it is first looked into.  Methods raise OSError with the errno of
    Linux.  Rule: the kernel's Documentation/filesystems/overlayfs.rst, "Merged directories" and "whiteouts and opaque
    directories"; image-spec layer.md, "Applying Changesets".

    >>> base = Layer.of({"/etc/motd": "welcome", "/etc/hostname": "box"})
    >>> view = UnionView([base, Layer.of({"/etc/motd": "hello"}, whiteouts=["/etc/hostname"], parent=base)])
    >>> view.listdir("/etc"), view.read("/etc/motd")
    (['motd'], b'hello')
    """

    def __init__(self, layers: Sequence[Layer]) -> None:
        self.layers = tuple(layers)
        self._merged: dict[str, Mapping[str, Found]] = {}

    def merged(self, path: str, contributing: Sequence[int]) -> Mapping[str, Found]:
        """Return what the directory ``path`` (str) shows (name -> Found), given the layers that show through in it.

        ``contributing`` are layer numbers, the topmost first.
        """
        if path not in self._merged:
            shown: dict[str, Found] = {}
            closed: set[str] = set()  # names about which no lower layer has a say any more
            for number in contributing:
                layer = self.layers[number]
                for name in layer.children(path):
                    child = paths.join(path, name)
                    entry = layer.get(child)
                    if name in closed or entry is None:
                        continue
                    if name not in shown:
                        if entry is IMPLIED_DIRECTORY:
                            entry = self._attributes(child, contributing[contributing.index(number) :])
                        shown[name] = Found(entry, (number,))
                    elif entry.is_directory:
                        shown[name] = Found(shown[name].entry, (*shown[name].layers, number))
                    if not entry.is_directory or child in layer.opaque:
                        closed.add(name)
                closed.update(paths.name(gone) for gone in layer.whiteouts_in(path))
            self._merged[path] = shown
        return self._merged[path]

    def _attributes(self, path: str, contributing: Sequence[int]) -> FileEntry:
        """Return the attributes of a directory (FileEntry) from the topmost layer that gives it some."""
        for number in contributing:
            entry = self.layers[number].get(path)
            if entry and entry is not IMPLIED_DIRECTORY:
                return entry if entry.is_directory else IMPLIED_DIRECTORY
            if path in self.layers[number].whiteouts:
                break
        return IMPLIED_DIRECTORY

    @cached_property
    def root(self) -> Found:
        """What ``/`` shows (Found)."""
        numbers = tuple(reversed(range(len(self.layers))))
        opaque = next(
            (at for at, number in enumerate(numbers) if paths.ROOT in self.layers[number].opaque), len(numbers)
        )
        return Found(self._attributes(paths.ROOT, numbers), numbers[: opaque + 1])

    def lookup(self, path: str) -> Found | None:
        """Return what ``path`` (str) shows (Found), or None; symbolic links on the way are not followed."""
        found, place = self.root, paths.ROOT
        for name in paths.normal(path).split("/")[1:]:
            if not name:
                break
            if not found.entry.is_directory:
                return None
            child = self.merged(place, found.layers).get(name)
            if child is None:
                return None
            found, place = child, paths.join(place, name)
        return found

    def resolve(self, path: str, follow: bool = True) -> str:
        """Return the path (str) that ``path`` (str) leads to, symbolic links followed; the last one only if ``follow``.

        ``..`` is taken after links are followed, and ``..`` of the root is the root.  Raises OSError: ENOENT, ENOTDIR,
        ELOOP after 40 links.  Rule: path_resolution(7).
        """
        if not path:
            raise failure(errno.ENOENT, path)
        place, found, links = paths.ROOT, self.root, 0
        todo = path.split("/")[::-1]
        while todo:
            name = todo.pop()
            if not found.entry.is_directory:
                raise failure(errno.ENOTDIR, path)
            if name in ("", "."):
                continue
            if name == "..":
                place = paths.parent(place)
                found = self.lookup(place) or self.root
                continue
            child = self.merged(place, found.layers).get(name)
            if child is None:
                raise failure(errno.ENOENT, path)
            if child.entry.kind is Kind.SYMLINK and (follow or todo):
                links += 1
                if links > MAX_SYMLINKS:
                    raise failure(errno.ELOOP, path)
                todo += child.entry.target.split("/")[::-1]
                if child.entry.target.startswith("/"):
                    place, found = paths.ROOT, self.root
                continue
            place, found = paths.join(place, name), child
        return place

    def reached(self, path: str) -> str:
        """Return the path (str) that ``path`` (str) is, once the links in the directories on the way are followed.

        What it names need not be there; if the way leads nowhere, the path stays as it is.

        >>> from course.layers.entry import symlink
        >>> UnionView([Layer.of({"/usr/bin/sh": "", "/bin": symlink("usr/bin")})]).reached("/bin/sh")
        '/usr/bin/sh'
        """
        place = paths.normal(path)
        try:
            return paths.join(self.resolve(paths.parent(place)), paths.name(place)) if place != paths.ROOT else place
        except OSError:
            return place

    def stat(self, path: str) -> FileEntry:
        """Return the metadata (FileEntry) of what ``path`` (str) leads to, links followed.  Raises OSError."""
        return self._found(self.resolve(path)).entry

    def lstat(self, path: str) -> FileEntry:
        """Return the metadata (FileEntry) of ``path`` (str) itself, be it a symbolic link.  Raises OSError."""
        return self._found(self.resolve(path, follow=False)).entry

    def listdir(self, path: str = paths.ROOT) -> list[str]:
        """Return the names in the directory ``path`` (str), sorted (list of str).  Raises OSError: ENOENT, ENOTDIR."""
        place = self.resolve(path)
        found = self._found(place)
        if not found.entry.is_directory:
            raise failure(errno.ENOTDIR, path)
        return sorted(self.merged(place, found.layers))

    def read(self, path: str) -> bytes:
        """Return the content (bytes) of the file that ``path`` (str) leads to.  Raises OSError: EISDIR, ENOENT."""
        entry = self.stat(path)
        if entry.is_directory:
            raise failure(errno.EISDIR, path)
        if entry.kind is not Kind.FILE:
            raise failure(errno.EINVAL, path)  # a device or a FIFO: nothing to read in a picture of a file system
        return entry.read()

    def readlink(self, path: str) -> str:
        """Return where the symbolic link ``path`` (str) points (str).  Raises OSError: EINVAL if it is no link."""
        entry = self.lstat(path)
        if entry.kind is not Kind.SYMLINK:
            raise failure(errno.EINVAL, path)
        return entry.target

    def walk(self, path: str = paths.ROOT) -> Iterator[tuple[str, Found]]:
        """Yield every path (str) below the directory ``path`` (str, normal) with what it shows (Found), sorted."""
        found = self.lookup(path)
        todo = [(path, found)] if found else []
        while todo:
            place, here = todo.pop()
            if place != path:
                yield place, here
            if here.entry.is_directory:
                names = self.merged(place, here.layers)
                todo += [(paths.join(place, name), names[name]) for name in sorted(names, reverse=True)]

    def _found(self, path: str) -> Found:
        found = self.lookup(path)
        if found is None:
            raise failure(errno.ENOENT, path)
        return found
