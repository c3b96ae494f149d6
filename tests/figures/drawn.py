"""Reads a drawing back: its texts with the room they take, its chips, its badges."""

import re
from dataclasses import dataclass
from xml.etree import ElementTree

from course.figures.lettering import is_measured, width
from course.figures.style import FONTS, INKS, SOLIDS, css

SVG = "{http://www.w3.org/2000/svg}"
TAGS = {"svg", "title", "desc", "style", "rect", "path", "g", "text", "circle"}
ATTRIBUTES = set(
    "class id x y rx r width height d transform text-anchor stroke-linejoin role aria-labelledby viewBox style".split()
)


@dataclass(frozen=True)
class Box:
    left: float
    top: float
    right: float
    bottom: float

    def holds(self, other):
        return (
            self.left - 0.1 <= other.left
            and other.right <= self.right + 0.1
            and self.top - 0.1 <= other.top
            and other.bottom <= self.bottom + 0.1
        )


@dataclass(frozen=True)
class Text:
    said: str
    full: str  # what the mouse is told, or what is said
    box: Box
    looks: tuple
    clipped: bool


class Drawn:
    """One figure's SVG, read back."""

    def __init__(self, figure):
        self.figure = figure
        self.root = ElementTree.fromstring(figure.svg)
        self.canvas = Box(0, 0, float(self.root.get("width")), float(self.root.get("height")))
        self.texts = [text for place in self.root.iter() for text in texts_in(place)]
        self.chips = [place for place in self.root.iter(f"{SVG}g") if place.get("class") == "lbl-chip"]

    def said(self):
        """Everything that can be read or is told where the mouse rests."""
        return {text.said for text in self.texts} | {text.full for text in self.texts}

    def badges(self):
        return [text.said for text in self.texts if "on-number" in text.looks]


def texts_in(place):
    """The texts right below an element; a text whose width is not known has a box of its own."""
    if place.tag == f"{SVG}svg" and place.get("role") is None:
        left, top = float(place.get("x")), float(place.get("y"))
        box = Box(left, top, left + float(place.get("width")), top + float(place.get("height")))
        for text in place:
            yield read(text, box, clipped=True)
        return
    for text in place.findall(f"{SVG}text"):
        font = FONTS[looks(text)[0]]
        wide = width(text.text or "", font)
        x, y = float(text.get("x")), float(text.get("y"))
        left = x - {None: 0, "middle": 0.5, "end": 1}[text.get("text-anchor")] * wide
        yield read(text, Box(left, y - 0.8 * font.size, left + wide, y + 0.25 * font.size), clipped=False)


def read(text, box, clipped):
    title = text.find(f"{SVG}title")
    return Text(text.text or "", text.text or "" if title is None else title.text, box, looks(text), clipped)


def looks(place):
    return tuple(name.removeprefix("lbl-") for name in place.get("class").split())


def rect_box(rect):
    left, top = float(rect.get("x", 0)), float(rect.get("y", 0))
    return Box(left, top, left + float(rect.get("width")), top + float(rect.get("height")))


def check(figure):
    """Check what holds for every figure; return it, read back (Drawn)."""
    drawn = Drawn(figure)
    check_form(drawn)
    check_looks(drawn)
    outside = [text for text in drawn.texts if not drawn.canvas.holds(text.box)]
    assert outside == []
    for chip in drawn.chips:
        box = rect_box(chip.find(f"{SVG}rect"))
        assert all(box.holds(text.box) for part in chip.iter() for text in texts_in(part))
    boxes = [rect_box(chip.find(f"{SVG}rect")) for chip in drawn.chips]
    for one in boxes:
        assert not any(one is not other and overlap(one, other) for other in boxes)
    for rect in drawn.root.iter(f"{SVG}rect"):
        assert drawn.canvas.holds(rect_box(rect)), rect.attrib
    return drawn


def overlap(one, other):
    across = one.left < other.right and other.left < one.right
    return across and one.top < other.bottom and other.top < one.bottom


def check_form(drawn):
    root, figure = drawn.root, drawn.figure
    assert root.get("role") == "img"
    named = {place.get("id"): place.text for place in root.iter() if place.get("id")}
    assert [named[name] for name in root.get("aria-labelledby").split()] == [figure.title, figure.description]
    assert len(named) == 2
    assert {place.tag.removeprefix(SVG) for place in root.iter()} <= TAGS
    assert {name for place in root.iter() for name in place.attrib} <= ATTRIBUTES
    assert figure.title
    assert figure.description
    assert figure.text
    assert all(text == "\n" or text.isprintable() for text in figure.text)


def check_looks(drawn):
    """Every text has one font and one ink, and no colour but those of the visual language."""
    assert [text for text in drawn.texts if not text.clipped and not is_measured(text.said)] == []
    known = set(re.findall(r"\.lbl-([a-z-]+)", css())) | {"chip"}
    for place in drawn.root.iter():
        assert set(looks(place) if place.get("class") else ()) <= known
        if place.tag == f"{SVG}text":
            font, ink = looks(place)
            assert font in FONTS
            assert ink in {*INKS, *(f"on-{solid}" for solid in SOLIDS)}
    for solid in SOLIDS:  # what is written for a solid surface stands on it, and nothing else does
        boxes = [rect_box(rect) for rect in drawn.root.iter(f"{SVG}rect") if solid in looks(rect)]
        for text in drawn.texts:
            if f"on-{solid}" in text.looks:
                assert any(box.holds(text.box) for box in boxes)
            else:
                assert not any(overlap(box, text.box) for box in boxes)
