"""Sharing: the layers that several images have in common, as sheets that run beneath all of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from course.figures.figure import Figure, sample
from course.figures.shapes import arrow, badge, badge_width, line, pill, write
from course.figures.sheets import instructions_of
from course.figures.svg import Element, element
from course.layers.digest import short
from course.layers.image import Image
from course.layers.layer import Layer
from course.words import _, _n, shown, size

MOST = 8  # images that are drawn
DEEP = 16  # sheets; in a higher stack, those are folded at which nothing branches off
TOP, FOOT, PITCH, LEFT = 128.0, 30.0, 70.0, 24.0  # pixels: margins, and from one sheet to the next
WIDTHS = (320.0, 280.0, 230.0, 190.0, 170.0, 152.0, 138.0, 126.0)  # pixels: an image, by the number of images


@dataclass
class Node:
    """A layer with all that it stands on.

    ``layer`` (Layer) is ``number`` (int, 1 is the lowest), brought by ``instruction`` (str).  ``images`` stand on it,
    ``tops`` end with it (lists of int: places in the sequence of images).  ``above`` is what stands on it (dict of
    chain_id to Node).
    """

    layer: Layer
    number: int
    instruction: str
    images: list[int] = field(default_factory=list)
    tops: list[int] = field(default_factory=list)
    above: dict[str, Node] = field(default_factory=dict)


def tree(images: Sequence[Image]) -> dict[str, Node]:
    """Return what the stacks of ``images`` begin with (dict of chain_id to Node); layers of one chain_id are one.

    >>> from course.layers.small_image import small_images
    >>> [(node.number, node.images) for node in walk(tree(list(small_images().values())))]
    [(1, [0, 1, 2]), (2, [1, 2]), (3, [1]), (4, [1]), (3, [2])]
    """
    ground: dict[str, Node] = {}
    for place, image in enumerate(images):
        above, node = ground, None
        for number, (layer, instruction) in enumerate(zip(image.layers, instructions_of(image), strict=True), 1):
            node = above.setdefault(layer.chain_id, Node(layer, number, instruction))
            node.images.append(place)
            above = node.above
        if node:
            node.tops.append(place)
    return ground


def walk(ground: dict[str, Node]) -> Iterator[Node]:
    """Yield every node, each after the one that it stands on (Node)."""
    todo = list(reversed(ground.values()))
    while todo:
        node = todo.pop()
        yield node
        todo += reversed(node.above.values())


def sharing(images: Sequence[Image]) -> Figure:
    """Return which layers ``images`` (sequence of Image) share, as a Figure.

    >>> from course.layers.small_image import small_image
    >>> print(sharing([small_image("greeter:1"), small_image("greeter:2")]).text.splitlines()[0])
    2 images name 7 layers; stored once each, they are 5: 839B instead of 1.64kB
    """
    names = [", ".join(map(shown, image.names)) or short(image.image_id) for image in images]
    words = [_summary(images)]
    for node in walk(tree(images)):
        users = ", ".join(names[place] for place in node.images)
        used = _("shared by {images}") if len(node.images) > 1 else _("only in {images}")
        facts = f"{short(node.layer.diff_id)}, {size(node.layer.size)}"
        instruction = f"{node.instruction}, " if node.instruction else ""
        words.append(f"{node.number:>3}  {instruction}{facts}, {used.format(images=users)}")
    drawn = images[:MOST]
    nodes = list(walk(tree(drawn)))
    rows = _rows(nodes)
    wide = LEFT * 2 + WIDTHS[max(0, len(drawn) - 1)] * max(2, len(drawn))
    high = TOP + PITCH * (max(rows.values(), default=-1) + 1) + FOOT
    left_out = _n("{count} more image is left out", "{count} more images are left out", len(images) - len(drawn))
    drawing = [
        write(LEFT, 38, _("What the images share"), wide - 48, "title ink"),
        write(LEFT, 62, words[0], wide - 48, "label quiet"),
        *([write(LEFT, high - 12, left_out, wide - 48, "small quiet")] if len(images) > len(drawn) else []),
        *_drawing(nodes, rows, names, high),
    ]
    about = _("Layers as sheets, the lowest at the bottom; a sheet runs beneath every image that stands on it.")
    return Figure.of(_("The layers that images share"), about, "\n".join(words), drawing, wide, high)


def _summary(images: Sequence[Image]) -> str:
    listed = [layer for image in images for layer in image.layers]
    stored = [node.layer for node in walk(tree(images))]
    said = _("{images} name {layers}; stored once each, they are {count}: {stored} instead of {listed}")
    return said.format(
        images=_n("{count} image", "{count} images", len(images)),
        layers=_n("{count} layer", "{count} layers", len(listed)),
        count=len(stored),
        stored=size(sum(layer.size for layer in stored)),
        listed=size(sum(layer.size for layer in listed)),
    )


def _rows(nodes: Sequence[Node]) -> dict[int, int]:
    """Return the row of each layer number (dict of int to int, 0 is the lowest); folded ones have the same row."""
    highest = max((node.number for node in nodes), default=0)
    told = {1} | {node.number for node in nodes if node.tops or len(node.above) != 1}
    told |= {number + 1 for number in told}
    rows: dict[int, int] = {}
    for kept, numbers in groupby(range(1, highest + 1), key=lambda number: highest <= DEEP or number in told):
        first = max(rows.values(), default=-1) + 1
        rows.update({number: first + at * kept for at, number in enumerate(numbers)})
    return rows


def _drawing(nodes: Sequence[Node], rows: dict[int, int], names: Sequence[str], high: float) -> list[Element]:
    order = [place for node in nodes for place in node.tops]
    column = {place: at for at, place in enumerate(order)}
    step = WIDTHS[max(0, len(order) - 1)]
    made = []
    for node in nodes:
        columns = [column[place] for place in node.images]
        x, wide = LEFT + step * min(columns), step * len(columns) - 12
        y = high - FOOT - PITCH * (rows[node.number] + 1)
        folded = [number for number, row in rows.items() if row == rows[node.number]]
        if node.number == folded[0]:
            made += _sheet(node, x, y, wide, folded)
        for at, place in enumerate(node.tops):
            middle = x + step * at + (step - 12) / 2
            made += pill(middle, y - 34, names[place], step - 16)
            made.append(arrow((middle, y - 20), (middle, y - 4)))
    return made


def _sheet(node: Node, x: float, y: float, wide: float, folded: Sequence[int]) -> list[Element]:
    """Return one layer beneath all the images that stand on it, or the sign that some are folded (list of Element)."""
    if len(folded) > 1:
        said = _("{first} to {last} folded").format(first=folded[0], last=folded[-1])
        dots = [line("hidden", (x + 14, y + at), (x + wide - 14, y + at)) for at in (12, 50)]
        return [*dots, write(x + wide / 2, y + 35, said, wide - 16, "small quiet", anchor="middle")]
    left = badge_width(str(node.number))
    used = _n("{count} image", "shared by {count} images", len(node.images))
    words, room = x + left + 20, wide - left - 30
    digest = short(node.layer.diff_id) if room < 150 else f"diff_id {short(node.layer.diff_id)}"
    what = node.instruction or _("layer {number}").format(number=node.number)
    return [
        element("rect", "sheet", x=x, y=y, width=wide, height=PITCH - 8, rx=7),
        badge(x + 11 + left / 2, y + 31, str(node.number)),
        write(words, y + 19, what, room, "mono ink"),
        write(words, y + 36, digest, room, "mono quiet"),
        write(words, y + 52, f"{size(node.layer.size)} · {used}", room, "small quiet"),
    ]


if __name__ == "__main__":
    from course.layers.small_image import small_images

    sample(sharing(list(small_images().values())))
