"""Layers of the model as plain values, to be laid out on a disk, sent to another process, or printed in a script."""

import stat
import time

from course.layers import paths
from course.layers.entry import Kind
from course.union.view import UnionView
from kernel.by_hand import Placed


def placed(layers):
    """Return each layer (sequence of Layer) as a list of Placed, what must stand first first.

    A directory that a layer only implies gets the attributes that it has in the union: that is what the layer says.
    """
    return [_placed(layers, number) for number in range(len(layers))]


def _placed(layers, number):
    layer, view = layers[number], UnionView(layers[: number + 1])
    found = []
    for path in sorted({"/", *layer.entries, *layer.implied} | layer.opaque):
        entry = layer.entries.get(path) or view.lookup(path).entry
        opaque = path in layer.opaque or (path in layer.whiteouts and entry.is_directory)
        found.append(_object(path, entry, opaque))
    found += [Placed(path, stat.S_IFCHR) for path in sorted(layer.whiteouts) if layer.get(path) is None]
    return sorted(found, key=lambda each: (bool(each.link_to), each.path))


def _object(path, entry, opaque=False):
    content = entry.read() if entry.kind is Kind.FILE and not entry.link_to else b""
    xattrs = tuple(sorted(entry.xattrs.items()))
    attributes = (entry.st_mode, entry.uid, entry.gid, entry.mtime_ns)
    return Placed(path, *attributes, content, entry.target, entry.device, entry.link_to, xattrs, opaque)


def root_of_upper(layers):
    """Return the root of an empty read-write layer (Placed), made now, with the permissions that the layers show."""
    shown = UnionView(layers).root.entry
    return Placed(paths.ROOT, shown.st_mode, shown.uid, shown.gid, time.time_ns())
