"""Layers as they are read from an image file: from their tar, compressed or not."""

import gzip
import hashlib
import io

from course.layers.archive import tar_bytes
from course.layers.entry import file
from course.layers.layer import Layer
from course.transport.blobs import Anonymous, Blob
from course.transport.compression import GZIP, PLAIN
from course.transport.limits import Budget, Limits
from course.transport.stored_layer import StoredLayer, read_stored


def read_back(layer, compression=PLAIN):
    """Return ``layer`` (Layer) as it is read from a blob that holds its tar (Layer), contents left in the blob."""
    tar = tar_bytes(layer)
    packed = gzip.compress(tar, 1, mtime=0) if compression == GZIP else tar
    blob = Blob("a layer", Anonymous(io.BytesIO(packed)), 0, len(packed))
    digests = (f"sha256:{hashlib.sha256(data).hexdigest()}" for data in (packed, tar))
    stored = StoredLayer(blob, "", compression, *digests)
    contents, _digest = read_stored(stored, Budget(Limits()))
    marks = frozenset(contents.whiteouts), frozenset(contents.opaque)
    return Layer(contents.entries, *marks, layer.parent, known_diff_id=stored.diff_id)


def stored_file(data):
    """Return the content of a file of these bytes (Content) in a gzip layer: a stream that cannot seek."""
    return read_back(Layer.of({"/f": file(data)}), GZIP).entries["/f"].content
