"""What a layer changes: the paths that it adds, changes and hides in the view of the layers below it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from course.layers.entry import FileEntry
from course.layers.layer import Layer
from course.union.view import UnionView


@dataclass(frozen=True, slots=True)
class Changes:
    """What one layer does to the view below it, each a sorted tuple of paths (str).

    ``added``: it was not there.  ``changed``: it was there, and the layer brings another version of it.  ``hidden``: it
    was there, and is there no more.  ``hidden_size`` counts the bytes of file content that the layer makes invisible
    by changing or hiding it, and that the image still carries (int).
    """

    added: tuple[str, ...]
    changed: tuple[str, ...]
    hidden: tuple[str, ...]
    hidden_size: int


def changes(layers: Sequence[Layer]) -> list[Changes]:
    """Return what each of these layers (sequence of Layer, the lowest first) changes (list of Changes, same order).

    >>> base = Layer.of({"/etc/motd": "welcome", "/etc/hostname": "box"})
    >>> top = Layer.of({"/etc/motd": "hello", "/new": ""}, whiteouts=["/etc/hostname"], parent=base)
    >>> changes([base, top])[1]
    Changes(added=('/new',), changed=('/etc/motd',), hidden=('/etc/hostname',), hidden_size=10)
    """
    views = [UnionView(layers[:number]) for number in range(len(layers) + 1)]
    return [_changes(layer, below, view) for layer, below, view in zip(layers, views, views[1:], strict=False)]


def _changes(layer: Layer, below: UnionView, view: UnionView) -> Changes:
    added, changed, hidden = [], [], {}
    for path, entry in layer.entries.items():
        before = below.lookup(path)
        if before is None:
            added.append(path)
        elif not _same_directory(entry, before.entry):
            changed.append(path)
    covers = [*layer.whiteouts, *layer.opaque, *(path for path in changed if not layer.entries[path].is_directory)]
    for cover in covers:
        before = below.lookup(cover)
        if before:
            candidates = [(cover, before), *below.walk(cover)]
            hidden.update({path: found.entry for path, found in candidates if view.lookup(path) is None})
    old = [found.entry for path in changed if (found := below.lookup(path))]
    size = sum(entry.size for entry in [*hidden.values(), *old])
    return Changes(tuple(sorted(added)), tuple(sorted(changed)), tuple(sorted(hidden)), size)


def _same_directory(entry: FileEntry, before: FileEntry) -> bool:
    """Tell whether a directory only stands there as the parent of a change: nothing of it differs but its time."""
    return entry.is_directory and replace(entry, mtime_ns=before.mtime_ns) == before
