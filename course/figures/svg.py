"""SVG elements: made by our own few words, escaped by the library."""

from xml.etree.ElementTree import Element, tostring

__all__ = ["Element", "element", "markup"]


def element(tag: str, look: str = "", *inside: Element | str, **attributes: str | float) -> Element:
    """Return an SVG element.

    ``look`` names its classes in the visual language (str, separated by spaces); ``inside`` are elements or texts;
    an underscore in an attribute's name stands for a hyphen.

    >>> markup(element("rect", "sheet", x=1.50, rx=3))
    '<rect class="lbl-sheet" x="1.5" rx="3" />'
    >>> markup(element("text", "", "<script>", text_anchor="end"))
    '<text text-anchor="end">&lt;script&gt;</text>'
    """
    made = Element(tag)
    if look:
        made.set("class", " ".join(f"lbl-{name}" for name in look.split()))
    for name, value in attributes.items():
        made.set(name.rstrip("_").replace("_", "-"), value if isinstance(value, str) else number(value))
    for part in inside:
        if isinstance(part, Element):
            made.append(part)
        else:
            made.text = (made.text or "") + part
    return made


def number(value: float) -> str:
    """Return a coordinate (float) as it is written (str).

    >>> number(12.0), number(1 / 3)
    ('12', '0.33')
    """
    return f"{value:.2f}".rstrip("0").rstrip(".")


def markup(made: Element) -> str:
    """Return an element as text (str)."""
    return tostring(made, encoding="unicode")
