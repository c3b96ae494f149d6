"""The choice of what to draw of a large stack: the paths that tell most, and the layers that decide them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from course.figures.sight import Row, look
from course.layers import paths
from course.layers.layer import Layer
from course.words import _n

SHEETS = 8  # layers that are drawn at most


@dataclass(frozen=True, slots=True)
class Choice:
    """What is drawn: ``rows`` (list of Row), ``sheets`` (list of layer numbers), and ``notes`` of what is not (str)."""

    rows: list[Row]
    sheets: list[int]
    notes: list[str]


def choose(layers: Sequence[Layer], wanted: Sequence[str], most: int) -> Choice:
    """Return the Choice of at most ``most`` paths, those ``wanted`` (sequence of str) first, that 8 layers decide."""
    sheets = set(range(len(layers))) if len(layers) <= SHEETS else set[int]()
    rows = []
    for path in wanted[:most]:
        row = look(layers, path)
        needed = sheets if row.met is None else sheets | {row.met}
        if len(needed) <= SHEETS:
            sheets = needed
            rows.append(row)
    speaking = {number for row in rows for number in row.cells}
    others = sorted(set(range(len(layers))) - sheets, key=lambda number: (number in speaking, number), reverse=True)
    sheets |= set(others[: SHEETS - len(sheets)])
    left = len(wanted) - len(rows), len(layers) - len(sheets)
    notes = [
        _n("{count} more path is left out", "{count} more paths are left out", left[0]),
        _n("{count} more layer is left out", "{count} more layers are left out", left[1]),
    ]
    rows.sort(key=lambda row: row.path)
    return Choice(rows, sorted(sheets), [note for note, count in zip(notes, left, strict=True) if count])


def telling_paths(layers: Sequence[Layer]) -> list[str]:
    """Return the paths that are worth a row (list of str), those first of which several layers have something to say.

    Directories that only hold what has a row of its own are left out.

    >>> base = Layer.of({"/etc/motd": "welcome", "/app": "x"})
    >>> telling_paths([base, Layer.of({"/etc/motd": "hello"}, parent=base)])
    ['/etc/motd', '/app']
    """
    said = Counter(path for layer in layers for path in {*layer.entries, *layer.whiteouts, *layer.opaque})
    marked = {path for layer in layers for path in (*layer.whiteouts, *layer.opaque)}
    files = {path for layer in layers for path, entry in layer.entries.items() if not entry.is_directory}
    closing = marked | files  # what a layer above may have in the place of a directory
    holders = {path for path in said if path not in closing and any(layer.children(path) for layer in layers)}

    def rank(path: str) -> tuple[int, str]:
        if path in marked or said[path] > 1:
            return 0, path
        return (1 if any(above in closing for above in paths.ancestors(path)) else 2), path

    return sorted(said.keys() - holders, key=rank)
