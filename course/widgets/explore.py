"""The explorer: choose a path of an image, and see every version of it, which one wins, and why."""

from __future__ import annotations

from typing import Any

from course import figures
from course.figures.sheets import layers_of
from course.layers.image import Image
from course.union.view import UnionView
from course.words import _

FIRST = 6  # paths of the picture that stands there before one is chosen
SUGGESTED = 2000  # paths that the field completes; any other can be typed


class Explorer:
    """A field for a path, and below it the provenance of that path in ``image`` (Image).

    Where no kernel runs, in a saved notebook or a page made of it, the stack beside its union view stands in its place.
    """

    def __init__(self, image: Image) -> None:
        from ipywidgets import HTML, Combobox, VBox  # not at the top: importing it takes its time

        self.image = image
        self.field = Combobox(
            description=_("Path"),
            placeholder=_("type or choose a path, such as /etc/motd"),
            options=suggestions(image),
            continuous_update=False,
            layout={"width": "30em"},
        )
        self.picture = HTML()
        self.field.observe(self._chosen, "value")
        self._chosen(None)
        self.widget = VBox([self.field, self.picture])

    def _chosen(self, change: Any) -> None:
        self.picture.value = self.shown().html

    def shown(self) -> figures.Figure:
        """Return what stands below the field (Figure)."""
        path = self.field.value.strip()
        if not path or ".." in path.split("/") or "\0" in path:
            return self.static()
        return figures.provenance(self.image, UnionView(self.image.layers).reached(path))

    def static(self) -> figures.Figure:
        """Return what stands there before a path is chosen (Figure)."""
        return figures.union_beside_stack(self.image, paths=suggestions(self.image)[:FIRST])

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return {**self.widget._repr_mimebundle_(), **self.static()._repr_mimebundle_()}


def explore(image: Image) -> Explorer:
    """Return an Explorer of ``image`` (Image)."""
    return Explorer(image)


def suggestions(image: Image) -> list[str]:
    """Return the paths that the field completes (list of str): those that several layers speak of come first.

    >>> from course.layers.small_image import small_image
    >>> suggestions(small_image())[:3]
    ['/app/notes.txt', '/app/settings.ini', '/app/greeter']
    """
    spoken: dict[str, int] = {}
    layers = layers_of(image)
    for layer in layers:
        for path in (*layer.entries, *layer.whiteouts):
            spoken[path] = spoken.get(path, 0) + 1
    directories = {path for layer in layers for path, entry in layer.entries.items() if entry.is_directory}
    ranked = sorted(spoken, key=lambda path: (path in directories, -spoken[path], path))
    return ranked[:SUGGESTED]
