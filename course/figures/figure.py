"""A figure: one picture, as SVG and as plain text that says the same."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from course.errors import CourseError
from course.figures.style import css
from course.figures.svg import Element, element, markup
from course.files import replacing
from course.words import _, shown


@dataclass(frozen=True)
class Figure:
    """A picture that a notebook shows, a file keeps, and everyone can read.

    ``title`` and ``description`` (both str) are what a screen reader says of it, ``svg`` (str) is the drawing, ``text``
    (str) says the same in plain text.
    """

    title: str
    description: str
    svg: str
    text: str

    @classmethod
    def of(
        cls, title: str, description: str, text: str, drawing: Iterable[Element], width: float, height: float
    ) -> Figure:
        """Return a Figure of ``width`` and ``height`` (float, pixels) that holds the elements of ``drawing``.

        The same content gives the same SVG, and its ids are made of that content, so that figures share a page.

        >>> Figure.of("A sheet", "One sheet.", "[ ]", [element("rect", "sheet", width=9, height=9)], 20, 20)
        <Figure: A sheet>
        """
        body = list(drawing)
        content = "".join([title, description, *map(markup, body)])
        name = f"lbl-{hashlib.sha256(content.encode()).hexdigest()[:12]}"
        svg = element(
            "svg",
            "figure",
            element("title", "", title, id=f"{name}-title"),
            element("desc", "", description, id=f"{name}-desc"),
            element("style", "", css()),
            element("rect", "canvas", width=width, height=height, rx=10),
            *body,
            xmlns="http://www.w3.org/2000/svg",
            role="img",
            aria_labelledby=f"{name}-title {name}-desc",
            width=width,
            height=height,
            viewBox=f"0 0 {width:g} {height:g}",
            style="max-width:100%;height:auto",
        )
        return cls(title, description, markup(svg), text)

    @property
    def html(self) -> str:
        """The figure for a page (str of HTML).

        In a notebook that is not trusted, a drawing loses its tags: it stays hidden, and the text is what one sees.
        """
        swap = ".lbl-drawing[hidden]:has(svg){display:block}.lbl-drawing:has(svg)+.lbl-words{display:none}"
        words = markup(element("pre", "words", self.text))
        return f'<style>{swap}</style><div class="lbl-drawing" hidden="hidden">{self.svg}</div>{words}'

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return {"text/html": self.html, "text/plain": self.text}

    def __repr__(self) -> str:
        return f"<Figure: {self.title}>"

    def save(self, path: str | Path) -> None:
        """Write the drawing (``.svg``) or the text (``.txt``) to ``path`` (str or Path), whole or not at all.

        Raises CourseError: the name ends in something else.  Raises OSError.
        """
        place = Path(path)
        forms = {".svg": self.svg, ".txt": self.text}
        if place.suffix not in forms:
            raise CourseError(
                _("'{path}': a figure is saved as '.svg' or '.txt'; give it a name that ends so.").format(
                    path=shown(str(place))
                )
            )
        with replacing(place) as file:
            file.write(f"{forms[place.suffix]}\n".encode())


def sample(figure: Figure) -> None:
    """Print the text of ``figure``, and save it in the files that the command line names: what a module does if run."""
    print(figure.text)
    for path in sys.argv[1:]:
        figure.save(path)
