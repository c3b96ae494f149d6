"""An image as a page of text: its stack, and what each layer added, changed and hid."""

from collections.abc import Sequence

from course.layers.image import Image
from course.union.changes import Changes, changes
from course.words import _, _n, shown, size

FIRST = 8  # paths of a kind, before "and more"


def listing(image: Image, limit: int | None = FIRST) -> str:
    """Return the page (str): of each kind of change at most ``limit`` paths a layer (int, or None: all of them).

    >>> from course.layers.small_image import small_image
    >>> print(listing(small_image()).splitlines()[0])
    greeter:1: 4 layers, 820B, linux/amd64
    """
    total = size(sum(layer.size for layer in image.layers))
    names = ", ".join(map(shown, image.names)) or _("an image without a name")
    count = _n("{count} layer", "{count} layers", len(image.layers))
    image_id = _("image ID")
    lines = [f"{names}: {count}, {total}, {shown(image.config.platform)}", f"{image_id}  {image.image_id}"]
    found, instructions = changes(image.layers), image.config.instructions()
    for number in reversed(range(len(image.layers))):
        layer = image.layers[number]
        instruction = " ".join(shown(instructions[number]).split()) or _("(its instruction is not known)")
        lines += ["", f"{number + 1:>3}  {instruction}  {size(layer.size)}"]
        if image.blobs:
            stored = image.blobs[number]
            blob = _("blob")
            lines.append(f"     {blob:9} {stored.digest}  {size(stored.size)}")
        lines += [f"     diff_id   {layer.diff_id}", f"     chain_id  {layer.chain_id}"]
        lines += [f"     {line}" for line in _changes(found[number], limit)]
    return "\n".join(lines)


def _changes(found: Changes, limit: int | None) -> list[str]:
    hidden = _("still carried below: {size}").format(size=size(found.hidden_size)) if found.hidden_size else ""
    counts = _("{added} added, {changed} changed, {hidden} hidden").format(
        added=len(found.added), changed=len(found.changed), hidden=len(found.hidden)
    )
    lines = [f"{counts}; {hidden}" if hidden else counts]
    for sign, some in (("+", found.added), ("~", found.changed), ("-", found.hidden)):
        lines += _paths(sign, some, limit)
    return lines


def _paths(sign: str, found: Sequence[str], limit: int | None) -> list[str]:
    lines = [f"{sign} {shown(path)}" for path in found[:limit]]
    rest = len(found) - len(lines)
    return [*lines, f"{sign} " + _n("… and {count} more", "… and {count} more", rest)] if rest else lines
