"""Shapes: the words of the visual language, drawn once for every figure."""

from collections.abc import Sequence

from course.figures.lettering import is_measured, shorten, width
from course.figures.style import FONTS
from course.figures.svg import Element, element, number

Point = tuple[float, float]

SIGNS = {  # in a box of 10 by 10: what is drawn, and in which stroke
    "winner": ("M1 5.5 L4 8.5 L9 2", "winner-sign"),
    "shown": ("M1 5.5 L4 8.5 L9 2", "shown-sign"),
    "merged": ("M5 1 V9 M1 5 H9", "shown-sign"),
    "whiteout": ("M1.5 1.5 L8.5 8.5 M8.5 1.5 L1.5 8.5", "gone-sign"),
    "opaque": ("M0 6 L6 0 M0 10 L10 0 M4 10 L10 4 M8 10 L10 8", "hatch-sign"),
    "way": ("M1 5 H9", "gone-sign"),
    "asked": ("M2.5 1.5 L8 5 L2.5 8.5 Z", "quiet-sign"),
}


def write(
    x: float,
    y: float,
    text: str,
    room: float,
    look: str = "label ink",
    *,
    anchor: str = "start",
    keep: str = "start",
    full: str = "",
) -> Element:
    """Return a text (Element) whose base line is at ``y``, at most ``room`` wide (float, pixels).

    ``look`` is a font and an ink.  A text that is too long is shortened (``keep``: which part stays), and says all of
    itself where the mouse rests; or else ``full`` (str) is said there.  Letters whose width is not known are drawn in a
    box that they cannot leave.
    """
    font = FONTS[look.split()[0]]
    short = shorten(text, room, font, keep)
    more = full or (text if short != text else "")
    inside: list[Element | str] = [short, *([element("title", "", more)] if more else [])]
    if is_measured(short):
        return element("text", look, *inside, x=x, y=y, **({"text_anchor": anchor} if anchor != "start" else {}))
    wide = min(room, width(short, font))
    left = x - {"start": 0.0, "middle": 0.5, "end": 1.0}[anchor] * wide
    box = element("svg", "", x=left, y=y - 1.2 * font.size, width=wide, height=1.7 * font.size)
    box.append(element("text", look, *inside, x=0, y=1.2 * font.size))
    return box


def plate(x: float, y: float, wide: float, high: float, skew: float, look: str = "sheet") -> Element:
    """Return a layer as a sheet that lies flat, seen from above its front edge (Element)."""
    corners = [(x + skew, y), (x + wide, y), (x + wide - skew, y + high), (x, y + high)]
    return element("path", look, d=_path(corners) + " Z", stroke_linejoin="round")


def badge_width(text: str) -> float:
    """Return how wide the badge of a layer's number (str) is (float, pixels)."""
    return max(22.0, width(text, FONTS["strong"]) + 10)


def badge(x: float, y: float, text: str) -> Element:
    """Return a layer's number (Element), its middle at ``x``, ``y``."""
    wide = badge_width(text)
    return element(
        "g",
        "",
        element("rect", "number", x=x - wide / 2, y=y - 10, width=wide, height=20, rx=10),
        element("text", "strong on-number", text, x=x, y=y + 4.5, text_anchor="middle"),
    )


def pill(x: float, y: float, text: str, room: float, *, anchor: str = "middle") -> list[Element]:
    """Return a name that points to something (list of Element): its middle, or its ``end``, at ``x``, ``y``."""
    wide = min(room, width(text, FONTS["mono"]) + 20)
    middle = x if anchor == "middle" else x - wide / 2
    box = element("rect", "tag", x=middle - wide / 2, y=y - 12, width=wide, height=24, rx=12)
    return [box, write(middle, y + 4, text, wide - 18, "mono ink", anchor="middle", keep="end")]


def sign(x: float, y: float, kind: str) -> Element:
    """Return a sign of 10 by 10 pixels (Element): a check mark, a plus, a cross, a hatching, a bar, a pointer."""
    path, stroke = SIGNS[kind]
    return element("path", f"sign {stroke}", d=path, transform=f"translate({number(x)} {number(y)})")


def line(look: str, *points: Point) -> Element:
    """Return a line through ``points`` (Element)."""
    return element("path", look, d=_path(points))


def arrow(*points: Point) -> Element:
    """Return a pointer through ``points`` (Element), with its head at the last one."""
    (x0, y0), (x1, y1) = points[-2:]
    length = max(1.0, ((x1 - x0) ** 2 + (y1 - y0) ** 2) ** 0.5)
    along, across = ((x1 - x0) / length * 5, (y1 - y0) / length * 5), ((y0 - y1) / length * 4, (x1 - x0) / length * 4)
    wings = [(x1 - along[0] + side * across[0], y1 - along[1] + side * across[1]) for side in (1, -1)]
    return element("path", "pointer", d=f"{_path(points)} {_path([wings[0], (x1, y1), wings[1]])}")


def bend(x: float, y: float, down: float) -> Element:
    """Return a pointer that leaves ``x``, ``y`` to the left and comes back ``down`` pixels below (Element)."""
    curve = f"M{number(x)} {number(y)} c-24 4 -24 {number(down - 4)} -2 {number(down)}"
    end_x, end_y = x - 2, y + down
    head = _path([(end_x - 7, end_y - 4.5), (end_x, end_y), (end_x - 7, end_y + 2.5)])
    return element("path", "pointer", d=f"{curve} {head}")


def eye(x: float, y: float) -> Element:
    """Return an eye (Element), its middle at ``x``, ``y``: where a picture is looked at from."""
    lids = element("path", "eye", d="M-13 0 Q0 -13 13 0 Q0 13 -13 0 Z")
    place = f"translate({number(x)} {number(y)})"
    return element("g", "", lids, element("circle", "pupil", r=4), transform=place)


def _path(points: Sequence[Point]) -> str:
    return " ".join(f"{'L' if at else 'M'}{number(x)} {number(y)}" for at, (x, y) in enumerate(points))
