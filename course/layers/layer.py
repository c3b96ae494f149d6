"""A layer: files that it brings, names that it deletes, and the layer that it stands on."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType

from course.errors import InvalidLayer
from course.layers import paths
from course.layers.digest import chain_id, sha256, short
from course.layers.entry import IMPLIED_DIRECTORY, Content, FileEntry, Kind, directory, file
from course.words import _, _n, shown


@dataclass(frozen=True, eq=False, repr=False)
class Layer:
    """One read-only layer of an image: a value that never changes.

    ``entries`` maps each path (str) to what the layer brings there (FileEntry).  ``whiteouts`` are paths whose content
    in the layers below is deleted (set of str).  ``opaque`` are directories whose whole content below is hidden (set of
    str).  Both speak of the layers *below* only, never of the layer's own entries.  ``parent`` is the layer that this
    one stands on (Layer, or None for the lowest).  ``known_diff_id`` is the diff_id of a layer that was read from a tar
    (str), and ``tar`` is where that tar lies (Content), since no other program would write it byte for byte the same;
    those of a layer made by hand are what the course writes.

    Two layers are equal if they hold the same and stand on the same: their chain_ids are equal.  Rule: image-spec
    layer.md, "Representing Changes" and "Whiteouts".  Raises InvalidLayer: an entry lies below one that is no
    directory.

    >>> base = Layer.of({"/etc/motd": "welcome", "/etc/hostname": "box"})
    >>> top = Layer.of({"/etc/motd": "hello"}, whiteouts=["/etc/hostname"], parent=base)
    >>> top.parent is base, len(top.stack)
    (True, 2)
    """

    entries: Mapping[str, FileEntry]
    whiteouts: frozenset[str] = frozenset()
    opaque: frozenset[str] = frozenset()
    parent: "Layer | None" = None
    known_diff_id: str = ""
    tar: Content | None = None

    @classmethod
    def of(
        cls,
        files: Mapping[str, str | bytes | FileEntry | None],
        whiteouts: Iterable[str] = (),
        opaque: Iterable[str] = (),
        parent: "Layer | None" = None,
    ) -> "Layer":
        """Return a layer made by hand (Layer): ``files`` maps a path to text, bytes, a FileEntry, or None: a directory.

        >>> sorted(Layer.of({"/etc/motd": "hello", "/tmp": None}).entries)
        ['/etc', '/etc/motd', '/tmp']
        """
        entries: dict[str, FileEntry] = {}
        for path, what in files.items():
            place = paths.normal(path)
            for above in paths.ancestors(place)[1:]:
                entries.setdefault(above, directory())
            entries[place] = directory() if what is None else what if isinstance(what, FileEntry) else file(what)
        return cls(
            MappingProxyType(entries),
            frozenset(map(paths.normal, whiteouts)),
            frozenset(map(paths.normal, opaque)),
            parent,
        )

    @cached_property
    def diff_id(self) -> str:
        """The digest of the layer's uncompressed tar (str).  Rule: image-spec config.md, "Layer DiffID"."""
        from course.layers.archive import tar_chunks  # which knows layers itself

        return self.known_diff_id or sha256(tar_chunks(self))

    @cached_property
    def chain_id(self) -> str:
        """The identity of this layer with all that it stands on (str)."""
        return chain_id([layer.diff_id for layer in self.stack])

    @property
    def stack(self) -> tuple["Layer", ...]:
        """All layers from the lowest up to this one (tuple of Layer)."""
        layers, layer = [self], self
        while layer.parent:
            layer = layer.parent
            layers.append(layer)
        return tuple(reversed(layers))

    @property
    def size(self) -> int:
        """The bytes that this layer holds, as ``docker history`` counts them (int).

        They are those of files and of the texts of symbolic links; what has two names counts once, and directories,
        whiteouts and metadata count nothing.  Rule: moby's pkg/directory, Size (as overlay2 uses it).

        >>> from course.layers.entry import symlink
        >>> Layer.of({"/bin/sh": "#!busybox", "/bin/ash": symlink("sh")}).size
        11
        """
        return sum(_size(entry) for entry in self.entries.values() if not entry.link_to)

    def get(self, path: str) -> FileEntry | None:
        """Return what this layer alone brings at ``path`` (str, normal): a FileEntry, or None.

        A directory that the layer speaks of only by what lies in it is ``IMPLIED_DIRECTORY``.
        """
        return self.entries.get(path) or (IMPLIED_DIRECTORY if path in self.implied else None)

    def children(self, path: str) -> Collection[str]:
        """Return the names (collection of str) that this layer alone brings in the directory ``path`` (str, normal)."""
        return self._children.get(path, ())

    def whiteouts_in(self, path: str) -> Collection[str]:
        """Return the whiteouts (collection of str) that this layer has in the directory ``path`` (str, normal)."""
        return self._whiteouts.get(path, ())

    @cached_property
    def link_counts(self) -> Mapping[str, int]:
        """How many names each file with several has in this layer (path of the first, str -> int)."""
        others = Counter(entry.link_to for entry in self.entries.values() if entry.link_to)
        return {path: count + 1 for path, count in others.items()}

    @cached_property
    def _whiteouts(self) -> Mapping[str, Collection[str]]:
        found: dict[str, list[str]] = {}
        for path in self.whiteouts:
            found.setdefault(paths.parent(path), []).append(path)
        return found

    @cached_property
    def implied(self) -> frozenset[str]:
        """The directories that the layer speaks of only by what lies in them (set of str)."""
        return frozenset(
            paths.join(above, name)
            for above, names in self._children.items()
            for name in names
            if paths.join(above, name) not in self.entries
        ) | ({paths.ROOT} - self.entries.keys())

    @cached_property
    def _children(self) -> Mapping[str, Collection[str]]:
        found: dict[str, dict[str, None]] = {}  # in the order in which the layer has them, the same on every run
        for path in (*self.entries, *sorted(self.opaque), *sorted(map(paths.parent, self.whiteouts))):
            while path != paths.ROOT:
                above, name = paths.parent(path), paths.name(path)
                names = found.setdefault(above, {})
                if name in names:
                    break  # and so are all the directories above
                names[name] = None
                path = above
        return found

    def __post_init__(self) -> None:
        seen: set[str] = {paths.ROOT}
        for path in (*self.entries, *self.whiteouts, *(paths.join(path, "") for path in self.opaque)):
            above = paths.parent(path)
            while above not in seen:
                entry = self.entries.get(above)
                if entry and not entry.is_directory:
                    raise InvalidLayer(
                        _("'{path}' lies below '{above}', which is no directory in the same layer.").format(
                            path=shown(path), above=shown(above)
                        )
                    )
                seen.add(above)
                above = paths.parent(above)

    def __eq__(self, other: object) -> bool:
        return self.chain_id == other.chain_id if isinstance(other, Layer) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.chain_id)

    def __repr__(self) -> str:
        base = f" on {short(self.parent.diff_id)}" if self.parent else ""
        entries = _n("{count} entry", "{count} entries", len(self.entries))
        whiteouts = _n("{count} whiteout", "{count} whiteouts", len(self.whiteouts))
        return f"<Layer {short(self.diff_id)}{base}: {entries}, {whiteouts}>"


def _size(entry: FileEntry) -> int:
    return len(entry.target.encode("utf-8", "surrogateescape")) if entry.kind is Kind.SYMLINK else entry.size
