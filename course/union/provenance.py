"""Provenance: every version of a path, in which layer it lies, which one wins, and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from course.layers import paths
from course.layers.entry import FileEntry
from course.layers.layer import Layer
from course.words import _, shown


class Fate(Enum):
    """What becomes of one layer's version of a path."""

    WINS = "wins"  # it is what the union view shows
    MERGED = "merged"  # a directory below the one that wins: its content shows through
    COVERED = "covered"  # a layer above has the same path
    DELETED = "deleted"  # a layer above has a whiteout for the path, or for a directory on the way
    OPAQUE = "opaque"  # a layer above has an opaque directory on the way
    REPLACED = "replaced"  # in a layer above, what was a directory on the way is something else


class Mark(Enum):
    """What a layer says about the layers below it."""

    WHITEOUT = "whiteout"
    OPAQUE = "opaque"


@dataclass(frozen=True, slots=True)
class Version:
    """What one layer says of a path.

    ``layer`` is its number (int, 0 is the lowest).  ``entry`` is what it brings there (FileEntry), or None.  ``mark``
    is what it says of the layers below (Mark), at the path ``marked`` (str: the path itself or a directory on the way).
    ``fate`` is what becomes of the entry (Fate; None where there is no entry), decided by the layer ``by`` (int) at the
    path ``at`` (str).
    """

    layer: int
    entry: FileEntry | None = None
    mark: Mark | None = None
    marked: str = ""
    fate: Fate | None = None
    by: int | None = None
    at: str = ""

    @property
    def reason(self) -> str:
        """Why this version wins or does not, or what the layer's mark does, in one sentence (str)."""
        by = None if self.by is None else self.by + 1  # people count layers from 1, the lowest
        sentences = {
            Fate.WINS: _("wins: no layer above says anything about it"),
            Fate.MERGED: _("merged: a directory lying under a directory adds its names to it"),
            Fate.COVERED: _("covered by layer {by}, which has the same path"),
            Fate.DELETED: _("hidden: layer {by} has a whiteout for {at}"),
            Fate.OPAQUE: _("hidden: {at} is opaque in layer {by}"),
            Fate.REPLACED: _("hidden: in layer {by}, {at} is no directory"),
            Mark.WHITEOUT: _("a whiteout: hides {marked} in every layer below"),
            Mark.OPAQUE: _("opaque: hides what layers below have in {marked}"),
        }
        said: list[Fate | Mark] = [what for what in (self.fate, self.mark) if what]
        return "; ".join(sentences[what] for what in said).format(by=by, at=shown(self.at), marked=shown(self.marked))


@dataclass(frozen=True, slots=True)
class Provenance:
    """Every version of one path: ``path`` (str), ``versions`` (tuple of Version, the topmost first)."""

    path: str
    versions: tuple[Version, ...]

    @property
    def winner(self) -> Version | None:
        """The version that the union view shows (Version), or None: the view shows nothing there."""
        return next((version for version in self.versions if version.fate is Fate.WINS), None)


def provenance(layers: Sequence[Layer], path: str) -> Provenance:
    """Return the Provenance of ``path`` (str) in a stack of layers (sequence of Layer, the lowest first).

    Layers that say nothing about the path, or about a directory on the way to it, are left out.

    >>> base = Layer.of({"/etc/motd": "welcome"})
    >>> top = Layer.of({}, whiteouts=["/etc/motd"], parent=base)
    >>> for version in provenance([base, top], "/etc/motd").versions:
    ...     print(version.layer + 1, version.reason)
    2 a whiteout: hides /etc/motd in every layer below
    1 hidden: layer 2 has a whiteout for /etc/motd
    """
    place = paths.normal(path)
    way = paths.ancestors(place)
    versions: list[Version] = []
    verdict: tuple[Fate, int, str] | None = None  # what awaits every entry further down
    winner: int | None = None
    for number in reversed(range(len(layers))):
        layer = layers[number]
        entry = layer.get(place)
        fate = None
        if entry:
            fate, by, at = verdict or (Fate.WINS if winner is None else Fate.MERGED, winner, place)
            if fate is Fate.MERGED and not entry.is_directory:
                fate = Fate.COVERED
        mark, marked = _mark(layer, [*way, place])
        if fate or mark:
            versions.append(Version(number, entry, mark, marked, fate, by if fate else None, at if fate else ""))
        if fate is Fate.WINS:
            winner = number
        verdict = verdict or _verdict(layer, number, way, place, mark, marked)
    return Provenance(place, tuple(versions))


def _mark(layer: Layer, way: Sequence[str]) -> tuple[Mark | None, str]:
    """Return the highest mark that the layer sets on the way to a path, and where."""
    for step in way:
        if step in layer.whiteouts:
            return Mark.WHITEOUT, step
        if step in layer.opaque:
            return Mark.OPAQUE, step
    return None, ""


def _verdict(
    layer: Layer, number: int, way: Sequence[str], place: str, mark: Mark | None, marked: str
) -> tuple[Fate, int, str] | None:
    """Return what the layer decides for every entry below it: the fate, the layer's number, and the path."""
    for step in way:
        entry = layer.get(step)
        if step == marked:
            break
        if entry and not entry.is_directory:
            return Fate.REPLACED, number, step
    if mark:
        return Fate.DELETED if mark is Mark.WHITEOUT else Fate.OPAQUE, number, marked
    entry = layer.get(place)
    return (Fate.COVERED, number, place) if entry and not entry.is_directory else None
