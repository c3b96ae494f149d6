"""Lines of sight: what one meets when looking at a path from the top of a stack."""

from collections.abc import Sequence
from dataclasses import dataclass

from course.layers import paths
from course.layers.entry import FileEntry, InMemory, Kind
from course.layers.layer import Layer
from course.union.provenance import Fate, Mark, Provenance, Version, provenance
from course.words import _, shown, size

GLYPHS = {"winner": "✓", "merged": "+", "whiteout": "✕", "opaque": "▨", "way": "–"}  # the signs, in a text
SHORT = 40  # bytes; a file of at most that many shows what it holds


@dataclass(frozen=True, slots=True)
class Cell:
    """What one layer says of one path.

    ``look`` is how it looks (str: ``winner``, ``merged``, ``hidden``, ``whiteout``, ``opaque``), ``marks`` are its
    signs (tuple of str).  ``path`` is in full; ``name`` and ``holds`` say what is there, ``reason`` what becomes of it
    (all str).
    """

    look: str
    marks: tuple[str, ...]
    path: str
    name: str
    holds: str
    reason: str

    @property
    def said(self) -> str:
        """All that there is to say (str)."""
        return f"{self.path}: {self.holds}; {self.reason}"


@dataclass(frozen=True, slots=True)
class Row:
    """One path of a stack, as one sees it from the top.

    ``path`` (str); ``cells`` are what the layers say of it (dict of layer number to Cell, the topmost first); ``met``
    is the layer at which the look ends (int, or None: it meets nothing); ``found`` is its Provenance.
    """

    path: str
    cells: dict[int, Cell]
    met: int | None
    found: Provenance

    @property
    def shows(self) -> bool:
        """Whether the view shows anything there (bool)."""
        return self.found.winner is not None

    @property
    def verdict(self) -> str:
        """What the view shows there, and from which layer; or why it shows nothing (str)."""
        winner = self.found.winner
        if winner and winner.entry:
            merged = [version.layer + 1 for version in self.found.versions if version.fate is Fate.MERGED]
            if merged:
                numbers = ", ".join(map(str, [winner.layer + 1, *merged]))
                return _("from layers {numbers}: {holds}").format(numbers=numbers, holds=holds(winner.entry))
            return _("from layer {number}: {holds}").format(number=winner.layer + 1, holds=holds(winner.entry))
        hidden = next((version for version in self.found.versions if version.by is not None), None)
        if hidden and hidden.by is not None:
            return _("not there: layer {number} hides it").format(number=hidden.by + 1)
        return _("not there: no layer brings it")


def look(layers: Sequence[Layer], path: str) -> Row:
    """Return what a look at ``path`` (str) from the top of ``layers`` (sequence of Layer, the lowest first) meets.

    >>> base = Layer.of({"/a": "old", "/b": "hi"})
    >>> row = look([base, Layer.of({}, whiteouts=["/a"], parent=base)], "/a")
    >>> row.met, [(number, cell.look) for number, cell in row.cells.items()], row.verdict
    (1, [(1, 'whiteout'), (0, 'hidden')], 'not there: layer 2 hides it')
    """
    found = provenance(layers, path)
    cells = {version.layer: _cell(found.path, version) for version in found.versions}
    for version in found.versions:
        if version.fate is Fate.REPLACED and version.by is not None and version.by not in cells:
            place = shown(version.at)
            reason = _("in the way: {path} is no directory here").format(path=place)
            cells[version.by] = Cell("whiteout", ("way",), shown(found.path), place, _("no directory"), reason)
    return Row(found.path, dict(sorted(cells.items(), reverse=True)), max(cells, default=None), found)


def _cell(path: str, version: Version) -> Cell:
    marks: tuple[str, ...] = (version.mark.value,) if version.mark else ()
    name, place = shown(paths.name(path)) or "/", shown(path)
    if version.entry is None:
        word = _("whiteout") if version.mark is Mark.WHITEOUT else _("opaque")
        where = name if version.marked == path else shown(version.marked)
        return Cell(marks[0], marks, place, where, word, version.reason)
    known = {Fate.WINS: "winner", Fate.MERGED: "merged"}
    kind = known.get(version.fate, "hidden") if version.fate else "hidden"
    own = (kind,) if kind != "hidden" else ()
    return Cell(kind, (*own, *marks), place, name, holds(version.entry), version.reason)


def holds(entry: FileEntry) -> str:
    """Return what an entry is, in a few words (str): what a short text holds, else its size, target or kind.

    >>> from course.layers.entry import directory, file, symlink
    >>> holds(file("hello")), holds(file(bytes(2000))), holds(symlink("/bin")), holds(directory())
    ('"hello"', '2kB', '→ /bin', 'directory')
    """
    if entry.link_to:
        return _("another name of {path}").format(path=shown(entry.link_to))
    if entry.kind is Kind.FILE:
        return _text(entry) or size(entry.size)
    if entry.kind is Kind.SYMLINK:
        return f"→ {shown(entry.target)}"
    words = {
        Kind.DIRECTORY: _("directory"),
        Kind.CHARACTER_DEVICE: _("character device {major}:{minor}"),
        Kind.BLOCK_DEVICE: _("block device {major}:{minor}"),
        Kind.FIFO: _("named pipe"),
    }
    return words[entry.kind].format(major=entry.device[0], minor=entry.device[1])


def _text(entry: FileEntry) -> str:
    """Return what a short text in memory holds, between quotes; a layer's tar is not read for a picture."""
    if not isinstance(entry.content, InMemory) or not 0 < entry.size <= SHORT:
        return ""
    try:
        text = entry.content.data.decode().removesuffix("\n")
    except UnicodeDecodeError:
        return ""
    return f'"{text}"' if text.isprintable() else ""
