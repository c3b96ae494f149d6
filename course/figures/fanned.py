"""A stack that is fanned out: sheets side by side, the topmost nearest to the eye, and beside them what it sees.

Each path is one row that runs through all sheets.  Looking from the right, the first thing that one meets there is what
the view shows; or a mark, and then it shows nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from course.figures.chips import LINE, chip, draw_legend, legend
from course.figures.choice import Choice
from course.figures.shapes import arrow, badge, badge_width, eye, line, sign, write
from course.figures.sight import Row
from course.figures.svg import Element, element
from course.layers.layer import Layer
from course.words import _, shown

LEFT, TOP, HEAD, PITCH = 30.0, 84.0, 60.0, 42.0  # pixels: margins, the head of a sheet, and one row
LAP, STEP = 16.0, 9.0  # pixels: how far a sheet lies over the one below it, and how much higher
WIDTHS = (186.0, 186.0, 186.0, 186.0, 148.0, 122.0, 112.0, 104.0)  # pixels: a sheet, by the number of sheets
GAP, VIEW = 44.0, 254.0  # pixels: between sheets and view, and the view


@dataclass(frozen=True, slots=True)
class Fan:
    """The drawing of a ``choice`` (Choice) of ``layers``, with their ``instructions`` and the path ``asked`` for."""

    layers: Sequence[Layer]
    instructions: Sequence[str]
    choice: Choice
    asked: str | None

    @property
    def wide(self) -> float:
        """The width of the drawing (float, pixels)."""
        return self._view + VIEW + 24

    @property
    def high(self) -> float:
        """The height of the drawing (float, pixels)."""
        return self._foot + LINE * (len(self._legend) + len(self.choice.notes)) + 4

    def drawing(self) -> list[Element]:
        """Return the drawing (list of Element)."""
        sheets = [part for at, number in enumerate(self.choice.sheets) for part in self._sheet(at, number)]
        rows = [part for at, row in enumerate(self.choice.rows) for part in self._row(row, self._row_top(at))]
        below = self._foot + LINE * len(self._legend)
        return [
            *self._heading(),
            *sheets,
            *self._view_card(),
            *rows,
            *draw_legend(LEFT, self._foot, self._legend),
            *(write(LEFT, below + LINE * at, note, 400, "small quiet") for at, note in enumerate(self.choice.notes)),
        ]

    @property
    def _sheet_wide(self) -> float:
        return WIDTHS[max(0, len(self.choice.sheets) - 1)]

    @property
    def _rise(self) -> float:
        """How much higher the topmost sheet lies than the lowest."""
        return STEP * max(0, len(self.choice.sheets) - 1)

    @property
    def _view(self) -> float:
        """Where the view begins, from the left."""
        return self._column(max(1, len(self.choice.sheets))) + LAP + GAP

    @property
    def _bottom(self) -> float:
        """Where the view and the topmost sheet end."""
        return self._row_top(max(1, len(self.choice.rows))) + 10

    @property
    def _foot(self) -> float:
        """The base line of the first line of the legend."""
        return self._bottom + self._rise + 36

    @property
    def _legend(self) -> list[list[str]]:
        cells = [cell for row in self.choice.rows for number, cell in row.cells.items() if number in self.choice.sheets]
        used = {mark for cell in cells for mark in cell.marks} | {cell.look for cell in cells}
        return legend(used | ({"asked"} if self.asked is not None else set()), self.wide - LEFT)

    def _column(self, at: int) -> float:
        return LEFT + at * (self._sheet_wide - LAP)

    def _row_top(self, at: int) -> float:
        return TOP + self._rise + HEAD + at * PITCH

    def _heading(self) -> list[Element]:
        about = _("each lies on the one to its left; the eye looks from the right")
        return [
            write(LEFT, 38, _("The layers"), self.wide - 60, "title ink"),
            write(LEFT, 60, about, self.wide - 60, "label quiet"),
        ]

    def _sheet(self, at: int, number: int) -> list[Element]:
        """Return one sheet with its head (list of Element): its number, its place, its instruction, its parent."""
        x, y = self._column(at), TOP + self._rise - at * STEP
        room, label = self._sheet_wide - LAP - 12, str(number + 1)
        words = {len(self.layers) - 1: _("topmost"), 0: _("lowest")}.get(number, _("layer"))
        begin = badge_width(label)
        made = [
            element("rect", "sheet", x=x, y=y, width=self._sheet_wide, height=self._bottom - TOP, rx=8),
            badge(x + 11 + begin / 2, y + 21, label),
            write(x + 17 + begin, y + 25, words, room - begin - 18, "small quiet"),
        ]
        if self.instructions[number]:
            made.append(write(x + 12, y + 48, self.instructions[number], room, "mono ink"))
        if at and self.choice.sheets[at - 1] == number - 1 and self.layers[number].parent:
            made.append(arrow((x + 6, y + 21), (x - 14, y + 21 + STEP)))
        return made

    def _view_card(self) -> list[Element]:
        """Return the view (list of Element): the same sheets, pushed together, and the eye that looks at them."""
        behind = [(10.0, "sheet"), (5.0, "sheet"), (0.0, "view")][-max(1, min(3, len(self.choice.sheets))) :]
        high = self._bottom - TOP
        made = [
            *(
                element("rect", look, x=self._view - by, y=TOP + by, width=VIEW, height=high, rx=8)
                for by, look in behind
            ),
            eye(self._view - GAP / 2 - 5, TOP + 24),
            write(self._view + 14, TOP + 29, _("What a user sees"), VIEW - 28, "title ink"),
            write(self._view + 14, TOP + 48, _("all sheets, seen from the top"), VIEW - 28, "small quiet"),
        ]
        if not self.choice.rows:
            made.append(write(self._view + 14, self._row_top(0) + 18, _("nothing"), VIEW - 28, "small quiet"))
        return made

    def _row(self, row: Row, y: float) -> list[Element]:
        """Return one path (list of Element): its chips, the line of sight, and its place in the view."""
        made, wide = [line("rule", (LEFT, y), (self._view - GAP, y))], self._sheet_wide - LAP - 14
        if row.path == self.asked:
            made.append(element("rect", "asked", x=self._view + 4, y=y + 2, width=VIEW - 8, height=PITCH - 4, rx=6))
            made.append(sign(LEFT - 19, y + 16, "asked"))
        if row.met is not None:
            end = self._column(self.choice.sheets.index(row.met)) + 8 + wide
            made.append(line("sight" if row.shows else "blocked", (self._view + 6, y + 21), (end, y + 21)))
        for at, number in enumerate(self.choice.sheets):
            if number in row.cells:
                made.append(chip(self._column(at) + 8, y + 4, wide, row.cells[number]))
        x, (kind, name, verdict) = self._view, ("shown", "ink", "shown") if row.shows else ("whiteout", "quiet", "gone")
        return [
            *made,
            sign(x + 14, y + 10, kind),
            write(x + 32, y + 18, shown(row.path), VIEW - 42, f"path {name}", keep="end"),
            write(x + 32, y + 34, row.verdict, VIEW - 42, f"small {verdict}"),
        ]
