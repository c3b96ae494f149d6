"""The union view beside the stack: the files that each layer brings, and the one file system that a user sees."""

from collections.abc import Sequence

from course.figures.choice import Choice, choose, telling_paths
from course.figures.fanned import Fan
from course.figures.figure import Figure, sample
from course.figures.lettering import shorten, table
from course.figures.sheets import Stack, instructions_of, layers_of, names_of
from course.figures.sight import GLYPHS, Cell
from course.figures.style import FONTS
from course.layers import paths as places
from course.words import _, shown

ROWS = 14  # paths that are drawn at most, unless one asks for more
LONG = 600.0  # pixels: of a longer path, the text form has the end


def union_beside_stack(
    stack: Stack, paths: Sequence[str] | None = None, rows: int = ROWS, asked: str | None = None
) -> Figure:
    """Return the stack of an image, or of layers (sequence of Layer, the lowest first), beside its union view.

    The stack is fanned out, the topmost sheet nearest to the eye; each path is a row through all sheets.  ``paths``
    (sequence of str) are the rows; without it, those that tell most, ``rows`` (int) at most.  ``asked`` is a path (str)
    to point at.  Raises ValueError: a path holds ``..`` or a NUL byte.

    >>> from course.layers.layer import Layer
    >>> base = Layer.of({"/etc/motd": "welcome", "/etc/hosts": "::1"})
    >>> print(union_beside_stack([base, Layer.of({"/etc/motd": "hello"}, whiteouts=["/etc/hosts"], parent=base)]).text)
    path        layer 1      layer 2           what a user sees
    /etc/hosts  ("::1")      ✕ whiteout hosts  not there: layer 2 hides it
    /etc/motd   ("welcome")  ✓ "hello"         from layer 2: "hello"
    """
    layers = layers_of(stack)
    paths = [paths] if isinstance(paths, str) else paths
    wanted = telling_paths(layers) if paths is None else list(map(places.normal, paths))
    asked = places.normal(asked) if asked is not None else None
    wanted = list(dict.fromkeys([asked, *wanted] if asked is not None else wanted))
    choice = choose(layers, wanted, rows if paths is None else len(wanted))
    title = _("The layers of {names}, and what a user sees").format(names=names_of(stack) or _("a stack"))
    about = _("The layers side by side, the topmost at the right, with what each brings; beside them, the union view.")
    fan = Fan(layers, instructions_of(stack), choice, asked)
    return Figure.of(title, about, _text(choice, asked), fan.drawing(), fan.wide, fan.high)


def _text(choice: Choice, asked: str | None) -> str:
    numbers = [_("layer {number}").format(number=number + 1) for number in choice.sheets]
    lines = [[_("path"), *numbers, _("what a user sees")]]
    for row in choice.rows:
        path = shorten(shown(row.path), LONG, FONTS["path"], keep="end")
        pointer = "> " if row.path == asked else ""
        lines.append([pointer + path, *(_cell(row.cells.get(number)) for number in choice.sheets), row.verdict])
    return "\n".join([*table(lines), *choice.notes])


def _cell(cell: Cell | None) -> str:
    if cell is None:
        return "·"
    said = {"winner": cell.holds, "merged": cell.holds, "hidden": f"({cell.holds})"}
    return " ".join([*(GLYPHS[mark] for mark in cell.marks), said.get(cell.look, f"{cell.holds} {cell.name}")])


if __name__ == "__main__":
    from course.layers.small_image import small_image

    some = ["/app/greeter", "/app/notes.txt", "/app/settings.ini", "/etc/motd", "/etc/passwd"]
    sample(union_beside_stack(small_image(), some))
