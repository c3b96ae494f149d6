"""Cases: the small stacks and trees of the exercises, plain dicts, as pictures."""

from collections.abc import Mapping, Sequence

from course.errors import CourseError
from course.figures.figure import Figure, sample
from course.figures.lettering import table
from course.figures.shapes import write
from course.figures.svg import Element, element
from course.figures.union import union_beside_stack
from course.layers.layer import Layer
from course.words import _, _n, shown

PlainLayer = Mapping[str, str | None]  # path: what a file holds, or None: a mark that deletes it below

LINES = 14  # paths, or layers that cannot be drawn
LEFT, TOP, PITCH = 24.0, 62.0, 42.0  # pixels: margins, and one path
CARD, GAP, ROOM = 250.0, 120.0, 640.0  # pixels: a tree, what is between two, and a line of text


def case_picture(layers: Sequence[PlainLayer], path: str | None = None) -> Figure:
    """Return the picture of a stack as the exercises give it (Figure); it never raises.

    ``layers`` are mappings of path (str) to what a file holds (str), or None: a mark that deletes the path in the
    layers below; the lowest comes first.  ``path`` (str) is the one that is asked for.

    >>> print(case_picture([{"/a": "1"}, {"/a": None}], "/a").text)
    path  layer 1  layer 2       what a user sees
    > /a  ("1")    ✕ whiteout a  not there: layer 2 hides it
    """
    try:
        return union_beside_stack(_stack(layers), asked=path)
    except (CourseError, ValueError, TypeError, AttributeError):  # no picture is no reason to hide the case
        return _written(
            [_("layer {number}: {what!r}").format(number=at, what=what) for at, what in enumerate(layers, 1)]
        )


def trees(old: Mapping[str, str], new: Mapping[str, str]) -> Figure:
    """Return two file trees side by side, and what has to be done to turn one into the other (Figure).

    Both are mappings of path (str) to what a file holds (str).

    >>> print(trees({"/a": "1", "/b": "2"}, {"/a": "1", "/b": "3", "/c": "4"}).text)
    path  tree A  tree B
    /a    "1"     "1"     = stays
    /b    "2"     "3"     ~ changes
    /c    ·       "4"     + is new
    """
    every = sorted({*old, *new}, key=str)
    rows = [[shown(str(path)), _held(old, path), _held(new, path), _change(old, new, path)] for path in every]
    head = [_("path"), _("tree A"), _("tree B"), ""]
    left = len(rows) - LINES
    notes = [_n("{count} more path is left out", "{count} more paths are left out", left)] if left > 0 else []
    bottom, drawing = TOP + PITCH * min(len(rows), LINES) + 12, list[Element]()
    for side in (0, 1):
        x = LEFT + side * (CARD + GAP)
        drawing.append(element("rect", "view", x=x, y=20, width=CARD, height=bottom - 20, rx=8))
        drawing.append(write(x + 16, 46, head[1 + side], CARD - 32, "title ink"))
        for at, row in enumerate(rows[:LINES]):
            y = TOP + PITCH * at
            drawing += _file(x + 12, y, row[0], row[1 + side])
            if side:
                drawing.append(write(x - GAP / 2, y + 22, row[3], GAP - 16, "label ink", anchor="middle"))
    drawing += [write(LEFT, bottom + 24, note, CARD, "small quiet") for note in notes]
    about = _("Two file trees side by side, path by path: what stays, what changes, what is new and what goes.")
    text = "\n".join([*table([head, *rows]), *notes])
    wide, high = LEFT * 2 + CARD * 2 + GAP, bottom + 20 + 20 * len(notes)
    return Figure.of(_("From one tree to another"), about, text, drawing, wide, high)


def _stack(layers: Sequence[PlainLayer]) -> list[Layer]:
    stack: list[Layer] = []
    for given in layers:
        files = {path: text for path, text in given.items() if text is not None}
        stack.append(Layer.of(files, given.keys() - files.keys(), parent=stack[-1] if stack else None))
    return stack


def _held(tree: Mapping[str, str], path: str) -> str:
    return f'"{shown(str(tree[path]))}"' if path in tree else "·"


def _change(old: Mapping[str, str], new: Mapping[str, str], path: str) -> str:
    if path not in old:
        return _("+ is new")
    if path not in new:
        return _("− goes")
    return _("= stays") if old[path] == new[path] else _("~ changes")


def _file(x: float, y: float, path: str, held: str) -> list[Element]:
    """Return one file of a tree, or the empty place where it would be (list of Element)."""
    if held == "·":
        return [element("rect", "hidden", x=x, y=y, width=CARD - 24, height=34, rx=6)]
    return [
        element("rect", "sheet", x=x, y=y, width=CARD - 24, height=34, rx=6),
        write(x + 10, y + 15, path, CARD - 44, "mono ink", keep="end"),
        write(x + 10, y + 28, held, CARD - 44, "small quiet"),
    ]


def _written(lines: Sequence[str]) -> Figure:
    """Return a case that cannot be drawn as it is written (Figure)."""
    some = [shown(text) for text in lines[:LINES]]
    drawing = [write(LEFT, 40 + 20 * at, text, ROOM, "mono ink") for at, text in enumerate(some)]
    about = _("The case as it is written: it cannot be drawn.")
    return Figure.of(_("A case"), about, "\n".join(some), drawing, LEFT * 2 + ROOM, 50 + 20 * len(some))


if __name__ == "__main__":
    sample(case_picture([{"/a": "1", "/b": "2"}, {"/a": "3"}, {"/b": None}], "/b"))
