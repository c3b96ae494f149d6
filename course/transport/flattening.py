"""Flattening: what a stack of layers shows, as one layer without a history: `docker export`."""

from collections.abc import Sequence
from dataclasses import replace
from types import MappingProxyType

from course.layers.entry import NO_XATTRS, FileEntry
from course.layers.layer import Layer
from course.transport.stored_layer import unpack
from course.union.view import UnionView

KEPT_XATTR = "security.capability"


def flatten(layers: Sequence[Layer]) -> Layer:
    """Return the tree that these layers show (sequence of Layer, the lowest first) as one layer that stands on none.

    Whiteouts have done their work and are gone.  The names of one file in one layer stay names of one file.  The root
    is left out, and so are all extended attributes but capabilities, as docker leaves them out.  No content is copied;
    compressed layers are unpacked (``unpack``).

    A container's are its image's layers and what it has written, frozen; ``layer_tar`` writes the tar of the result.
    Rule: moby's pkg/archive, TarWithOptions.

    >>> base = Layer.of({"/etc/motd": "welcome", "/etc/hostname": "box"})
    >>> flat = flatten([base, Layer.of({"/etc/motd": "hello"}, whiteouts=["/etc/hostname"], parent=base)])
    >>> sorted(flat.entries), flat.whiteouts, flat.parent
    (['/etc', '/etc/motd'], frozenset(), None)
    """
    unpack(layers)
    entries: dict[str, FileEntry] = {}
    first_names: dict[tuple[int, str], str] = {}
    for path, found in UnionView(layers).walk():
        entry = found.entry
        first = first_names.setdefault((found.layer, entry.link_to or path), path)
        kept = {name: value for name, value in entry.xattrs.items() if name == KEPT_XATTR}
        entries[path] = replace(
            entry, link_to="" if first == path else first, xattrs=MappingProxyType(kept) if kept else NO_XATTRS
        )
    return Layer(MappingProxyType(entries))
