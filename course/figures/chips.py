"""Chips: what one layer says of one path, as a box with its sign; and the legend that explains the signs."""

from collections.abc import Collection

from course.figures.lettering import width
from course.figures.shapes import sign, write
from course.figures.sight import Cell
from course.figures.style import FONTS
from course.figures.svg import Element, element
from course.words import _

HIGH = 34.0  # pixels
ITEM, LINE = 44.0, 22.0  # pixels: in a legend, a sign with the room around it, and a line

LEGEND = {
    "winner": _("what the view shows"),
    "merged": _("a directory that is merged"),
    "hidden": _("covered or hidden"),
    "whiteout": _("a whiteout: hides what lies below it"),
    "opaque": _("opaque: hides what the directory holds below"),
    "way": _("in the way: no directory"),
    "asked": _("the path that is asked for"),
}


def chip(x: float, y: float, wide: float, cell: Cell) -> Element:
    """Return what one layer says of one path (Element): a box with signs, the name, and what is there."""
    inks = {"winner": ("on-winner", "on-winner"), "hidden": ("quiet", "quiet")}.get(cell.look, ("ink", "quiet"))
    box = element("rect", cell.look, x=x, y=y, width=wide, height=HIGH, rx=6)
    made = element("g", "chip", element("title", "", cell.said), box)
    left = x + 7
    for mark in cell.marks:
        made.append(sign(left, y + 12, mark))
        left += 14
    room = x + wide - left - 4
    made.append(write(left, y + 15, cell.name, room, f"mono {inks[0]}", keep="both"))
    made.append(write(left, y + 28, cell.holds, room, f"small {inks[1]}"))
    return made


def legend(used: Collection[str], wide: float) -> list[list[str]]:
    """Return the signs that are used (collection of str) in lines of at most ``wide`` pixels (lists of str)."""
    lines: list[list[str]] = []
    room = 0.0
    for kind in (kind for kind in LEGEND if kind in used):
        item = ITEM + width(LEGEND[kind], FONTS["small"])
        if not lines or item > room:
            lines.append([])
            room = wide
        lines[-1].append(kind)
        room -= item
    return lines


def draw_legend(x: float, y: float, lines: list[list[str]]) -> list[Element]:
    """Return the legend (list of Element), the base line of its first line at ``y``."""
    made = []
    for at, line in enumerate(lines):
        left, base = x, y + LINE * at
        for kind in line:
            box = {"way": "whiteout"}.get(kind, kind)
            made.append(element("rect", box, x=left, y=base - 12, width=18, height=16, rx=4))
            made += [sign(left + 4, base - 9, kind)] if kind != "hidden" else []
            made.append(write(left + 26, base, LEGEND[kind], width(LEGEND[kind], FONTS["small"]), "small quiet"))
            left += ITEM + width(LEGEND[kind], FONTS["small"])
    return made
