"""A layer read from its tar: names become paths, marks become whiteouts and opaque directories."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from course.errors import InvalidLayer, LimitExceeded
from course.layers import paths
from course.layers.archive import OPAQUE_MARK, WHITEOUT_PREFIX
from course.layers.entry import EMPTY, Content, FileEntry, Kind
from course.transport import tar_header
from course.transport.limits import Budget
from course.transport.tar_entries import TarInput, read_entries
from course.transport.tar_header import TarEntry
from course.words import _, shown

KINDS = {
    **dict.fromkeys(tar_header.FILES, Kind.FILE),
    tar_header.DIRECTORY: Kind.DIRECTORY,
    tar_header.SYMLINK: Kind.SYMLINK,
    tar_header.CHARACTER_DEVICE: Kind.CHARACTER_DEVICE,
    tar_header.BLOCK_DEVICE: Kind.BLOCK_DEVICE,
    tar_header.FIFO: Kind.FIFO,
}
AUFS_PREFIX = ".wh..wh."  # aufs(5): its own files, such as .wh..wh.plnk; docker passes over them


@dataclass(frozen=True, slots=True)
class LayerContents:
    """What a layer's tar holds, in the tar's order: ``entries``, ``whiteouts`` and ``opaque`` as in Layer."""

    entries: dict[str, FileEntry] = field(default_factory=dict)
    whiteouts: set[str] = field(default_factory=set)
    opaque: set[str] = field(default_factory=set)


def read_contents(
    source: TarInput, where: str, budget: Budget, content: Callable[[int, int], Content]
) -> LayerContents:
    """Return what the tar of a layer (TarInput) holds (LayerContents), reading headers only.

    ``where`` names the layer for messages.  ``content`` gives a file's content (Content), given where it begins in the
    tar and how many bytes it has (int, int).  Raises InvalidLayer: a name leads out of the layer, stands twice or is no
    name; a mark is none; a hard link leads nowhere.  Raises TruncatedArchive and LimitExceeded as ``read_entries``.
    Rule: image-spec layer.md, "Whiteouts", "Opaque Whiteout" and "Hardlinks".

    >>> import io
    >>> from course.layers.archive import tar_bytes
    >>> from course.layers.layer import Layer
    >>> from course.transport.limits import Limits
    >>> from course.transport.tar_entries import SeekableInput
    >>> data = tar_bytes(Layer.of({"/etc/motd": "hello"}, whiteouts=["/etc/hostname"]))
    >>> contents = read_contents(SeekableInput(io.BytesIO(data), len(data)), "", Budget(Limits()), lambda *_: EMPTY)
    >>> list(contents.entries), contents.whiteouts
    (['/etc', '/etc/motd'], {'/etc/hostname'})
    """
    reading = _Reading(where, budget, content)
    for entry in read_entries(source, where, budget):
        try:
            reading.add(entry)
        except _Refused as error:
            name = shown(entry.name.decode("utf-8", "surrogateescape"))
            raise InvalidLayer(
                _("{where}: '{name}': {reason}.").format(where=where, name=name, reason=error)
            ) from error
    return reading.contents


class _Reading:
    """The contents of a layer as they grow, entry by entry."""

    def __init__(self, where: str, budget: Budget, content: Callable[[int, int], Content]) -> None:
        self.contents = LayerContents()
        self._where, self._budget, self._content = where, budget, content
        self._directories = {paths.ROOT}  # those that stand in the tar, or follow from what lies in them

    def add(self, entry: TarEntry) -> None:
        path = _path(entry.name, self._where, self._budget)
        self._imply(paths.parent(path))
        if "/.wh." in path:
            _mark(path, entry, self.contents)
            return
        entries = self.contents.entries
        if path in entries:
            raise _Refused(_("it stands twice, and readers take the one or the other"))
        if entry.type == tar_header.LINK:
            entries[path] = _link(_path(entry.link, self._where, self._budget), entries)
            return
        kind = KINDS[entry.type]
        if kind is Kind.DIRECTORY:
            self._directories.add(path)
        elif path == paths.ROOT:
            raise _Refused(_("the root of a layer can only be a directory"))
        entries[path] = FileEntry(
            kind,
            entry.mode,
            entry.uid,
            entry.gid,
            entry.mtime_ns,
            entry.size,
            target=_target(entry.link, self._budget) if kind is Kind.SYMLINK else "",
            device=entry.device,
            xattrs=entry.xattrs,
            content=self._content(entry.offset, entry.size) if entry.size else EMPTY,
        )

    def _imply(self, directory: str) -> None:
        """Count the directories that a path implies: a hostile one can imply thousands."""
        while directory not in self._directories:
            self._directories.add(directory)
            self._budget.spend(self._where, entries=1, text=len(directory))
            directory = paths.parent(directory)


class _Refused(Exception):  # noqa: N818 (the reason why an entry is refused, on its way to the sentence that names it)
    pass


def _path(name: bytes, where: str, budget: Budget) -> str:
    """Return the path that a name in the tar means; a name from the root, or from here, means the same."""
    if not name:
        raise _Refused(_("a file without a name"))
    limits = budget.limits
    if (
        len(name) > limits.name
        or name.count(b"/") > limits.depth
        or (len(name) > limits.component and max(map(len, name.split(b"/"))) > limits.component)
    ):
        raise LimitExceeded(
            _(
                "{where}: '{name}…' is too long a name; expected {whole} bytes and {depth} directories at most, "
                "and {part} bytes between two slashes."
            ).format(
                where=where,
                name=shown(name[:60].decode("utf-8", "surrogateescape")),
                whole=limits.name,
                depth=limits.depth,
                part=limits.component,
            )
        )
    try:
        return paths.normal(name.decode("utf-8", "surrogateescape"))
    except ValueError:
        raise _Refused(_("a name with '..' or a NUL byte in it, which could lead out of the layer")) from None


def _target(link: bytes, budget: Budget) -> str:
    if not link or len(link) > budget.limits.name or b"\0" in link:
        raise _Refused(_("where this symbolic link points is no path"))
    return link.decode("utf-8", "surrogateescape")


def _link(target: str, entries: dict[str, FileEntry]) -> FileEntry:
    """Return another name for what stands at the path ``target`` in the same layer."""
    original = entries.get(target)
    if original is None:
        raise _Refused(_("a hard link to '{target}', which does not stand before it").format(target=shown(target)))
    if original.is_directory:
        raise _Refused(_("a hard link to '{target}', which is a directory").format(target=shown(target)))
    return original if original.link_to else replace(original, link_to=target)


def _mark(path: str, entry: TarEntry, contents: LayerContents) -> None:
    """Take a path with a name that begins with ``.wh.`` for the mark that it is."""
    *way, name = path.split("/")
    if any(part.startswith(AUFS_PREFIX) and part != OPAQUE_MARK for part in (*way, name)):
        return
    hidden = name.removeprefix(WHITEOUT_PREFIX)
    if any(part.startswith(WHITEOUT_PREFIX) for part in way):
        raise _Refused(_("it lies below a whiteout, which is no directory"))
    if hidden in ("", ".", ".."):
        raise _Refused(_("a whiteout of nothing"))
    is_again = entry.type == tar_header.LINK and entry.link.rpartition(b"/")[2].startswith(b".wh.")  # as aufs has them
    if not is_again and (entry.type not in tar_header.FILES or entry.size):
        raise _Refused(_("a whiteout is an empty file, and this is not"))
    place = "/".join(way) or paths.ROOT
    marks, marked = (contents.opaque, place) if name == OPAQUE_MARK else (contents.whiteouts, paths.join(place, hidden))
    if marked in marks:
        raise _Refused(_("it stands twice"))
    marks.add(marked)
