"""The stack: an image's layers as transparent sheets, the topmost on top, and the config that names them."""

from collections.abc import Sequence

from course.errors import CourseError
from course.figures.figure import Figure, sample
from course.figures.shapes import arrow, badge, bend, line, pill, plate, write
from course.figures.svg import Element, element
from course.layers.digest import short
from course.layers.image import Image
from course.layers.layer import Layer
from course.words import _, _n, shown, size

Stack = Image | Sequence[Layer]

MOST = 24  # sheets; of more, those in the middle are folded
STEPS = 4  # steps without a layer that are named in the drawing
TOP, PITCH = 108.0, 54.0  # pixels: where the first sheet begins, and from one to the next
LEFT, WIDE, HIGH, SKEW = 52.0, 150.0, 64.0, 34.0  # pixels: a sheet
WORDS, ROOM = 226.0, 310.0  # pixels: where the words begin, and how wide they may be
CARD = 216.0  # pixels: how wide the config is


def layers_of(stack: Stack) -> tuple[Layer, ...]:
    """Return the layers of an image, or these layers (tuple of Layer, the lowest first).

    Raises CourseError: what is given is the name of an image.
    """
    if isinstance(stack, str):
        raise CourseError(
            _("'{name}' is a name, not an image; write `small_image(\"{name}\")`.").format(name=shown(stack))
        )
    return stack.layers if isinstance(stack, Image) else tuple(stack)


def instructions_of(stack: Stack) -> list[str]:
    """Return the instruction that brought each layer, on one line (list of str; empty where it is not known)."""
    return list(map(on_line, stack.config.instructions())) if isinstance(stack, Image) else [""] * len(stack)


def names_of(stack: Stack) -> str:
    """Return the names of an image in one text (str), safe to show; layers have none."""
    return ", ".join(map(shown, stack.names)) if isinstance(stack, Image) else ""


def on_line(text: str) -> str:
    """Return a text from an image on one line (str), safe to show."""
    return shown(" ".join(text.split()))


def stack(stack: Stack) -> Figure:
    """Return the stack of an image, or of layers (sequence of Layer, the lowest first), as a Figure.

    >>> image = Image.of([Layer.of({"/hello": "world"})], ["COPY hello /", "CMD sh"], ["demo:1"], empty=["CMD sh"])
    >>> print(stack(image).text)
    demo:1: 1 layer, 5B
    image config 3d37269dfe86 (the image ID), linux/amd64: it names the layers by their diff_ids
      1  COPY hello /
         5B, diff_id a27f81145697, chain_id a27f81145697, stands on nothing: it is the lowest
    1 step brought no layer: CMD sh
    """
    layers, instructions = layers_of(stack), instructions_of(stack)
    total = size(sum(layer.size for layer in layers))
    count, name = _n("{count} layer", "{count} layers", len(layers)), names_of(stack) or _("A stack")
    title = f"{name}: {count}, {total}"
    rows = _rows(len(layers))
    words, drawing = [title], [_sheet(layers, instructions, row, TOP + PITCH * at) for at, row in enumerate(rows)]
    drawing = [*_heading(), *reversed(drawing)]  # the lowest first: what lies above is drawn over it
    for row in rows:
        words += _words(layers, instructions, row)
    wide, high = WORDS + ROOM + 24, TOP + PITCH * len(rows) + 34
    if isinstance(stack, Image):
        unlayered = [on_line(step.created_by) for step in stack.config.history if step.empty_layer]
        words[1:1] = [_config(stack)]
        words += [f"{_no_layer(unlayered)}: {'; '.join(unlayered)}"] if unlayered else []
        high += 18 * min(len(unlayered) + 1, STEPS + 1) if unlayered else 0
        drawing += _card(stack, rows, unlayered, wide, high - 20)
        wide += CARD + 44
    about = _("The layers as transparent sheets, the topmost on top; each stands on the one below it.")
    return Figure.of(title, about, "\n".join(words), drawing, wide, high)


def _rows(count: int) -> list[int | range]:
    """Return what is drawn, the topmost first: the numbers of layers, and between them the range of those folded."""
    if count <= MOST:
        return list(reversed(range(count)))
    half = MOST // 2
    return [*reversed(range(count - half, count)), range(half, count - half), *reversed(range(half))]


def _words(layers: Sequence[Layer], instructions: Sequence[str], row: int | range) -> list[str]:
    if isinstance(row, range):
        return [f"  ⋮  {_folded(row)}"]
    layer = layers[row]
    ids = f"diff_id {short(layer.diff_id)}, chain_id {short(layer.chain_id)}"
    name = instructions[row] or _("layer {number}").format(number=row + 1)
    return [
        f"{row + 1:>3}  {name}",
        f"     {_size(layer)}, {ids}, {_stands_on(layers, row)}",
    ]


def _folded(row: range) -> str:
    return _("layers {first} to {last} are folded here").format(first=row.start + 1, last=row.stop)


def _config(image: Image) -> str:
    said = _("image config {id} (the image ID), {platform}: it names the layers by their diff_ids")
    return said.format(id=short(image.image_id), platform=shown(image.config.platform))


def _no_layer(steps: Sequence[str]) -> str:
    return _n("{count} step brought no layer", "{count} steps brought no layer", len(steps))


def _size(layer: Layer) -> str:
    nothing = not (layer.entries or layer.whiteouts or layer.opaque)
    return _("empty layer") if nothing else size(layer.size)


def _is_on_next(layers: Sequence[Layer], number: int) -> bool:
    """Tell whether a layer stands on the one below it here."""
    return number > 0 and layers[number].parent in (layers[number - 1],)  # `in` compares digests only where it must


def _stands_on(layers: Sequence[Layer], number: int) -> str:
    parent = layers[number].parent
    if parent is None:
        return _("stands on nothing: it is the lowest")
    if _is_on_next(layers, number):
        return _("stands on layer {number}").format(number=number)
    return _("stands on {chain_id}, which is not in this picture").format(chain_id=short(parent.chain_id))


def _heading() -> list[Element]:
    about = _("the topmost on top; an arrow leads to the layer that one stands on")
    return [write(24, 38, _("The layers"), ROOM, "title ink"), write(24, 66, about, WORDS + ROOM - 30, "label quiet")]


def _sheet(layers: Sequence[Layer], instructions: Sequence[str], row: int | range, y: float) -> Element:
    """Return one sheet with its words, or the sign that some are folded (Element)."""
    if isinstance(row, range):
        dots = [line("hidden", (LEFT + 20, y + 26 + at), (LEFT + WIDE - 20, y + 26 + at)) for at in (0, 7, 14)]
        return element("g", "", *dots, write(WORDS, y + 38, _folded(row), ROOM, "label quiet"))
    layer, instruction = layers[row], instructions[row]
    made = element("g", "", plate(LEFT, y, WIDE, HIGH, SKEW), badge(LEFT + WIDE / 2, y + HIGH / 2 + 4, str(row + 1)))
    if _is_on_next(layers, row):
        made.append(bend(LEFT + 2, y + HIGH - 8, PITCH - 16))
    first, second = f"diff_id {short(layer.diff_id)}", f"{_size(layer)} · chain_id {short(layer.chain_id)}"
    made.append(write(WORDS, y + 33, instruction or first, ROOM, "path ink"))
    made.append(write(WORDS, y + 51, second, ROOM, "mono quiet"))
    return made


def _card(
    image: Image, rows: Sequence[int | range], unlayered: Sequence[str], x: float, bottom: float
) -> list[Element]:
    """Return the config beside the stack, with what it points to, and the names that point to it."""
    room, about = CARD - 32, _("image ID {id}").format(id=short(image.image_id))
    named = [_("image config"), about, shown(image.config.platform)]
    made = [element("rect", "view", x=x, y=20, width=CARD, height=bottom - 20, rx=8)]
    for at, (text, look) in enumerate(zip(named, ["strong ink", "mono ink", "small quiet"], strict=True)):
        made.append(write(x + 16, 44 + 18 * at, text, room, look))
    if image.names:
        more = f" +{len(image.names) - 1}" if len(image.names) > 1 else ""
        made += [*pill(x - 40, 36, shown(image.names[0]) + more, 240, anchor="end"), arrow((x - 34, 36), (x - 4, 36))]
    for at, row in enumerate(rows):
        if isinstance(row, int):
            y = TOP + PITCH * at + 29
            made.append(write(x + 16, y + 4, f"diff_id {short(image.layers[row].diff_id)}", room, "mono ink"))
            made.append(arrow((x + 10, y), (x - 30, y)))
    y = TOP + PITCH * len(rows) + 24
    for at, text in enumerate([f"{_no_layer(unlayered)}:", *unlayered[:STEPS]] if unlayered else []):
        made.append(write(x + 16, y + 18 * at, text, room, "mono quiet" if at else "small quiet"))
    return made


if __name__ == "__main__":
    from course.layers.small_image import small_image

    sample(stack(small_image()))
