"""Pictures of images, layers and their union view: each as SVG and as plain text, with a title and a description."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from course.figures.cases import case_picture, trees
    from course.figures.figure import Figure
    from course.figures.graphs import graph
    from course.figures.lesson_map import course_map
    from course.figures.shared import sharing
    from course.figures.sheets import stack
    from course.figures.union import union_beside_stack
    from course.figures.versions import provenance

_HOMES = {
    "Figure": "figure",
    "case_picture": "cases",
    "course_map": "lesson_map",
    "graph": "graphs",
    "provenance": "versions",
    "sharing": "shared",
    "stack": "sheets",
    "trees": "cases",
    "union_beside_stack": "union",
}
__all__ = [
    "Figure",
    "case_picture",
    "course_map",
    "graph",
    "provenance",
    "sharing",
    "stack",
    "trees",
    "union_beside_stack",
]


def __getattr__(name: str) -> Any:
    """Import a figure when it is first asked for (PEP 562): each module can be run by itself."""
    if name not in _HOMES:
        raise AttributeError(f"module 'course.figures' has no attribute '{name}'")
    return getattr(import_module(f"course.figures.{_HOMES[name]}"), name)
