"""Squashing: one layer that does what several do, and the image that has it in their place."""

from collections.abc import Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from course.layers import document, paths
from course.layers.config import ImageConfig, Step
from course.layers.entry import FileEntry
from course.layers.image import Image
from course.layers.layer import Layer
from course.transport.stored_layer import unpack
from course.union.view import UnionView

OWN = ("architecture", "author", "config", "created", "history", "os", "rootfs")  # what ImageConfig.make asks for


def one_layer(layers: Sequence[Layer], above: int) -> Layer:
    """Return the layer (Layer) that does all that ``layers`` (sequence of Layer) do from number ``above`` (int) on.

    It stands on what is below them, and brings what they show and deletes what they hide; what they bring and do not
    show is in it no more.  The names of one file in one layer stay names of one file.

    >>> base = Layer.of({"/a": "1", "/b": "2"})
    >>> second = Layer.of({"/c": "3", "/a": "4"}, parent=base)
    >>> flat = one_layer([base, second, Layer.of({}, whiteouts=["/b", "/c"], parent=second)], above=1)
    >>> list(flat.entries), sorted(flat.whiteouts), flat.parent == base
    (['/a'], ['/b'], True)
    """
    unpack(layers)
    below, view = UnionView(layers[:above]), UnionView(layers)
    entries: dict[str, FileEntry] = {}
    first_names: dict[tuple[int, str], str] = {}
    for path, found in [(paths.ROOT, view.root), *view.walk()]:
        entry, before = found.entry, below.root if path == paths.ROOT else below.lookup(path)
        if found.layer < above or (entry.is_directory and before and _is_same(entry, before.entry)):
            continue
        first = first_names.setdefault((found.layer, entry.link_to or path), path)
        entries[path] = replace(entry, link_to="" if first == path else first)
    whiteouts = [
        path
        for path, _found in below.walk()
        if view.lookup(path) is None and (above_it := view.lookup(paths.parent(path))) and above_it.entry.is_directory
    ]
    return Layer(MappingProxyType(entries), frozenset(whiteouts), parent=layers[above - 1] if above else None)


def squashed(image: Image, parent: Image | None, now: str) -> Image:
    """Return ``image`` (Image) with one layer instead of all those that its ``parent`` (Image, or None) has not.

    ``now`` is when that is done (str, RFC 3339).  Rule: moby, daemon/images/images.go, SquashImage.
    """
    above, kept = (len(parent.layers), len(parent.config.history)) if parent else (0, 0)
    layers = (*image.layers[:above], one_layer(image.layers, above))
    steps = [
        step if number < kept else replace(step, empty_layer=True) for number, step in enumerate(image.config.history)
    ]
    what = f"merge {image.image_id} to {parent.image_id}" if parent else f"create new from {image.image_id}"
    steps.append(Step(created=now, comment=what))
    data: dict[str, Any] = document.read_document(image.config.raw, "config")
    more = {name: value for name, value in data.items() if name not in OWN}
    config = ImageConfig.make(
        [layer.diff_id for layer in layers],
        steps,
        image.config.run,
        image.config.architecture,
        now,
        image.config.author,
        more,
    )
    return Image(config, layers)


def _is_same(entry: FileEntry, before: FileEntry) -> bool:
    return replace(entry, mtime_ns=before.mtime_ns) == before
