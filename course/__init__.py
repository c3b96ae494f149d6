"""Layer by Layer: an interactive course on how container images and containers work."""

TYPE_CHECKING = False  # what the small helper process imports too, imports little
if TYPE_CHECKING:
    from typing import Any

__version__ = "0.1.0"

_HOMES = {
    "Engine": "course.engine.engine",
    "Image": "course.layers.image",
    "Layer": "course.layers.layer",
    "UnionFilesystem": "course.union.filesystem",
    "UnionView": "course.union.view",
    "course_map": "course.lessons.overview",
    "doctor": "course.lessons.machine",
    "explore": "course.widgets.explore",
    "lay_out": "course.transport.lay_out",
    "observe": "course.processes.linux.observing",
    "open_image": "course.transport.reading",
    "predict": "course.lessons.predict",
    "provenance": "course.figures",
    "save_image": "course.transport.writing",
    "sharing": "course.figures",
    "small_image": "course.layers.small_image",
    "stack": "course.figures",
    "union_beside_stack": "course.figures",
}
__all__ = list(_HOMES)


def __getattr__(name: str) -> "Any":
    """Import a name that a learner types when it is first used: `import course` itself stays quick (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module 'course' has no attribute '{name}'")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])


def load_ipython_extension(shell: "Any") -> None:
    """Give a notebook the course's magics (``%load_ext course``)."""
    from course.lessons import magics

    magics.load_ipython_extension(shell)
