"""Provenance: every version of one path, the topmost first, which one wins, and why."""

from collections.abc import Sequence

from course.figures.chips import chip
from course.figures.figure import Figure, sample
from course.figures.lettering import wrap
from course.figures.shapes import badge, eye, line, plate, sign, write
from course.figures.sheets import Stack, instructions_of, layers_of
from course.figures.sight import GLYPHS, Cell, Row, look
from course.figures.style import FONTS
from course.figures.svg import Element, element
from course.layers.entry import FileEntry
from course.words import _, _n, shown

MOST, LOWEST = 16, 4  # versions that are drawn, and how many of them are the lowest ones
TOP, PITCH, GAP = 136.0, 66.0, 36.0  # pixels: the first sheet, from one to the next, and where layers say nothing
LEFT, WIDE, HIGH, SKEW = 36.0, 132.0, 56.0, 28.0  # pixels: a sheet
CHIP, WORDS, ROOM = 186.0, 394.0, 400.0  # pixels: where a version and its words stand, and how wide these may be


def provenance(stack: Stack, path: str) -> Figure:
    """Return every version of ``path`` (str) in an image or in layers (sequence of Layer, the lowest first): a Figure.

    Raises ValueError: the path holds ``..`` or a NUL byte.

    >>> from course.layers.small_image import small_image
    >>> print(provenance(small_image(), "/app/notes.txt").text)
    /app/notes.txt: not there: layer 4 hides it
      4  ✕  whiteout; a whiteout: hides /app/notes.txt in every layer below
            RUN rm /app/notes.txt
         layer 3 says nothing about it
      2     "to do: delete these notes", mode 0644, owner 0:0; hidden: layer 4 has a whiteout for /app/notes.txt
            COPY greeter notes.txt settings.ini /app/
         layer 1 says nothing about it
    """
    layers, instructions = layers_of(stack), instructions_of(stack)
    row = look(layers, path)
    facts = {version.layer: _facts(version.entry) for version in row.found.versions}
    words = [f"{shown(row.path)}: {row.verdict}"]
    for part in _parts(list(row.cells), len(layers)):
        if isinstance(part, range):
            words.append(f"     {_between(part, row)}")
        else:
            words += _text(part, row.cells[part], facts.get(part, ""), instructions[part])
    sheets, said, y = list[Element](), list[Element](), TOP
    for part in _parts(_drawn(row), len(layers)):
        if isinstance(part, range):
            sheets.append(plate(LEFT + 10, y, WIDE - 20, 26, 16))
            said.append(write(WORDS, y + 17, _between(part, row), ROOM, "small quiet"))
            y += GAP
        else:
            sheets.append(_sheet(part, y))
            said += _version(row.cells[part], facts.get(part, ""), instructions[part], y)
            if part == row.met:
                said.insert(0, _sight(y + HIGH / 2, row))
            y += PITCH
    if row.met is None:
        said.append(_sight(y, row))
    title = _("Every version of {path}").format(path=shown(row.path))
    about = _("What each layer says of one path, the topmost first: {verdict}.").format(verdict=row.verdict)
    drawing = [*_heading(row), *reversed(sheets), *said]
    return Figure.of(title, about, "\n".join(words), drawing, WORDS + ROOM + 24, y + 16)


def _drawn(row: Row) -> list[int]:
    """Return the layers whose versions are drawn, the topmost first; of many, those in the middle are folded."""
    numbers = list(row.cells)
    return numbers if len(numbers) <= MOST else [*numbers[: MOST - LOWEST], *numbers[-LOWEST:]]


def _parts(numbers: Sequence[int], count: int) -> list[int | range]:
    """Return the layers with these numbers, the topmost first, and between them the ranges of the others."""
    parts: list[int | range] = []
    above = count
    for number in [*numbers, -1]:
        if number + 1 < above:
            parts.append(range(number + 1, above))
        if number >= 0:
            parts.append(number)
        above = number
    return parts


def _between(layers: range, row: Row) -> str:
    """Return what is to be said of layers that are not drawn (str): nothing, or that they are folded."""
    folded = sum(number in row.cells for number in layers)
    where = {"number": layers.stop, "first": layers.start + 1, "last": layers.stop}
    if folded:
        more = _n("{count} more version is folded here", "{count} more versions are folded here", folded)
        return f"{more}: " + _("layers {first} to {last}").format(**where)
    if len(layers) == 1:
        return _("layer {number} says nothing about it").format(**where)
    return _("layers {first} to {last} say nothing about it").format(**where)


def _facts(entry: FileEntry | None) -> str:
    """Return the metadata of a version (str): permissions and owner."""
    if entry is None:
        return ""
    return _("mode {mode}, owner {uid}:{gid}").format(mode=f"{entry.mode:04o}", uid=entry.uid, gid=entry.gid)


def _text(number: int, cell: Cell, facts: str, instruction: str) -> list[str]:
    signs = "".join(GLYPHS[mark] for mark in cell.marks)
    said = ", ".join(filter(None, [cell.holds, facts]))
    lines = [f"{number + 1:>3}  {signs:2} {said}; {cell.reason}"]
    return [*lines, f"        {instruction}"] if instruction else lines


def _heading(row: Row) -> list[Element]:
    """Return the path, what the view shows, and the eye that looks down on the sheets (list of Element)."""
    shows = row.found.winner is not None
    made = [write(24, 38, shown(row.path), WORDS + ROOM - 30, "title ink", keep="end")]
    made += [sign(24, 53, "shown" if shows else "whiteout")]
    made += [write(42, 63, row.verdict, WORDS + ROOM - 60, f"label {'shown' if shows else 'gone'}")]
    return [*made, eye(LEFT + WIDE / 2, TOP - 28)]


def _sheet(number: int, y: float) -> Element:
    middle = badge(LEFT + WIDE / 2 - 28, y + HIGH / 2, str(number + 1))
    return element("g", "", plate(LEFT, y, WIDE, HIGH, SKEW), middle)


def _sight(end: float, row: Row) -> Element:
    """Return the line of sight (Element): from the eye down to the first sheet with something to say, and to that."""
    middle = LEFT + WIDE / 2
    aside = [(CHIP, end)] if row.met is not None else []
    return line("sight" if row.shows else "blocked", (middle, TOP - 14), (middle, end), *aside)


def _version(cell: Cell, facts: str, instruction: str, y: float) -> list[Element]:
    """Return what one layer says of the path, beside its sheet (list of Element)."""
    middle = y + HIGH / 2
    made = [chip(CHIP, middle - 17, WORDS - CHIP - 20, cell)]
    lines = wrap(cell.reason, ROOM, FONTS["label"], 2)
    smaller = " · ".join(filter(None, [facts, instruction]))
    first = middle + 5 - 9 * (len(lines) - 1) - (8 if smaller else 0)
    made += [write(WORDS, first + 17 * at, text, ROOM, "label ink", full=cell.reason) for at, text in enumerate(lines)]
    return [*made, write(WORDS, first + 17 * len(lines) + 1, smaller, ROOM, "small quiet")] if smaller else made


if __name__ == "__main__":
    from course.layers.small_image import small_image

    sample(provenance(small_image(), "/app/settings.ini"))
