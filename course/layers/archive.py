"""A layer as bytes: the tar whose digest is the layer's diff_id, the same on every machine."""

import io
import tarfile
from collections.abc import Iterator

from course.errors import InvalidLayer
from course.layers import paths
from course.layers.entry import FileEntry, Kind
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


def write_layer(layer: Layer) -> Iterator[bytes]:
    """Yield the tar of ``layer`` in OCI form, in chunks (bytes), reproducibly: sorted, and nothing but the layer in it.

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
    with entry.content.open() as stream:
        while chunk := stream.read(CHUNK):
            written += len(chunk)
            yield chunk
    if written != entry.size:
        raise InvalidLayer(
            _(
                "'{path}' has {found} bytes where {expected} were expected: it changed while it was read; try again."
            ).format(path=shown(path), found=written, expected=entry.size)
        )


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
    """Return the whole tar of ``layer`` (bytes): for small layers; ``write_layer`` streams large ones.

    >>> len(tar_bytes(Layer.of({"/hello": "world"})))
    2048
    """
    buffer = io.BytesIO()
    buffer.writelines(write_layer(layer))
    return buffer.getvalue()
