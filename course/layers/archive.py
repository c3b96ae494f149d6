"""A layer as bytes: the tar whose digest is the layer's diff_id, as it was read or as the course writes it."""

import hashlib
import io
import tarfile
from collections.abc import Iterator

from course.errors import DigestMismatch, InvalidLayer
from course.layers import paths
from course.layers.digest import short
from course.layers.entry import Content, FileEntry, Kind
from course.layers.layer import Layer
from course.words import _, shown

WHITEOUT_PREFIX = ".wh."
OPAQUE_MARK = ".wh..wh..opq"
CHUNK = 1 << 20
BLOCK = 512

TYPES = {
    Kind.FILE: tarfile.REGTYPE,
    Kind.DIRECTORY: tarfile.DIRTYPE,
    Kind.SYMLINK: tarfile.SYMTYPE,
    Kind.CHARACTER_DEVICE: tarfile.CHRTYPE,
    Kind.BLOCK_DEVICE: tarfile.BLKTYPE,
    Kind.FIFO: tarfile.FIFOTYPE,
}


def layer_tar(layer: Layer) -> Iterator[bytes]:
    """Yield the tar of ``layer`` whose digest is its diff_id, in chunks (bytes), and hold it to that.

    It is the tar that the layer was read from, or else the one that the course writes.  Raises DigestMismatch after the
    last chunk: what was read lies there no more; as ``write_layer`` does, and as the ``tar`` of the layer.

    >>> from course.layers.digest import sha256
    >>> layer = Layer.of({"/hello": "world"})
    >>> sha256(layer_tar(layer)) == layer.diff_id
    True
    """
    hasher = hashlib.sha256()
    for chunk in tar_chunks(layer):
        hasher.update(chunk)
        yield chunk
    found = f"sha256:{hasher.hexdigest()}"
    if found != layer.diff_id:
        raise DigestMismatch(
            _(
                "layer {layer}: its tar has the digest {found}, and its diff_id is {expected}; open the image again."
            ).format(layer=short(layer.diff_id), found=found, expected=layer.diff_id)
        )


def tar_chunks(layer: Layer) -> Iterator[bytes]:
    """Yield what ``layer_tar`` does, not held to anything: to compute a diff_id, or a size."""
    return _chunks(layer.tar) if layer.tar else write_layer(layer)


def write_layer(layer: Layer) -> Iterator[bytes]:
    """Yield the tar that the course writes of ``layer``, in OCI form, in chunks (bytes), the same whenever it does.

    It is sorted, and nothing but the layer is in it.

    Whiteouts become empty files named ``.wh.NAME``, opaque directories hold an empty file ``.wh..wh..opq``; both stand
    before their siblings.  Hard links come last, when what they name is there.  Rule: image-spec layer.md, "Whiteouts"
    and "Opaque Whiteout".  Raises InvalidLayer for an entry whose own name begins with ``.wh.``, which no image can
    hold.
    """
    check_names(layer)
    marks = {paths.join(path, OPAQUE_MARK) for path in layer.opaque}
    marks |= {paths.join(paths.parent(path), WHITEOUT_PREFIX + paths.name(path)) for path in layer.whiteouts}
    links = {path for path, entry in layer.entries.items() if entry.link_to}
    for path in (
        *sorted({*layer.entries, *marks} - links, key=lambda path: _order(path, path in marks)),
        *sorted(links),
    ):
        if path in marks:
            yield _header(path, FileEntry(Kind.FILE))
            continue
        entry = layer.entries[path]
        yield _header(path, entry)
        if entry.kind is Kind.FILE and not entry.link_to:
            yield from _content(path, entry)
            yield bytes(-entry.size % BLOCK)
    yield bytes(2 * BLOCK)


def check_names(layer: Layer) -> None:
    """Raise InvalidLayer if an entry is itself named ``.wh.NAME``, which no image can hold."""
    for path in layer.entries:
        if paths.name(path).startswith(WHITEOUT_PREFIX):
            raise InvalidLayer(
                _("'{path}': no image can hold a file named '.wh.…', which means a deletion; rename it.").format(
                    path=shown(path)
                )
            )


def _content(path: str, entry: FileEntry) -> Iterator[bytes]:
    written = 0
    for chunk in _chunks(entry.content):
        written += len(chunk)
        yield chunk
    if written != entry.size:
        raise InvalidLayer(
            _(
                "'{path}' has {found} bytes where {expected} were expected: it changed while it was read; try again."
            ).format(path=shown(path), found=written, expected=entry.size)
        )


def _chunks(content: Content) -> Iterator[bytes]:
    with content.open() as stream:
        while chunk := stream.read(CHUNK):
            yield chunk


def _order(path: str, is_mark: bool) -> tuple[tuple[str, ...], bool, str]:
    """Directories before what lies in them, and of siblings the marks first."""
    return tuple(paths.parent(path).split("/")), not is_mark, path


def _header(path: str, entry: FileEntry) -> bytes:
    """Return the tar header (bytes) of one entry, with a PAX header before it where the old form is too narrow."""
    info = tarfile.TarInfo(path.lstrip("/") or ".")
    info.mode, info.uid, info.gid = entry.mode, entry.uid, entry.gid
    info.type = TYPES[entry.kind]
    info.pax_headers = {
        f"SCHILY.xattr.{name}": value.decode("utf-8", "surrogateescape") for name, value in sorted(entry.xattrs.items())
    }
    seconds, nanoseconds = divmod(abs(entry.mtime_ns), 10**9)
    sign = "-" if entry.mtime_ns < 0 else ""
    info.mtime = int(f"{sign}{seconds}")
    if nanoseconds:
        info.pax_headers["mtime"] = f"{sign}{seconds}.{nanoseconds:09d}".rstrip("0")
    if entry.link_to:
        info.type, info.linkname = tarfile.LNKTYPE, entry.link_to.lstrip("/")
    elif entry.kind is Kind.FILE:
        info.size = entry.size
    elif entry.kind is Kind.SYMLINK:
        info.linkname = entry.target
    else:
        info.devmajor, info.devminor = entry.device
    return info.tobuf(tarfile.PAX_FORMAT, "utf-8", "surrogateescape")


def tar_bytes(layer: Layer) -> bytes:
    """Return the whole tar of ``layer`` (bytes): for small layers; ``layer_tar`` streams large ones.

    >>> len(tar_bytes(Layer.of({"/hello": "world"})))
    2048
    """
    buffer = io.BytesIO()
    buffer.writelines(layer_tar(layer))
    return buffer.getvalue()
