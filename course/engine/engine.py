"""The engine: every docker command, as a method by docker's own name."""

from course.engine.build.building import Building
from course.engine.inspecting import Inspecting
from course.engine.pruning import Pruning


class Engine(Building, Pruning, Inspecting):
    """A docker engine, simulated: its commands are methods, what it knows is ``store``, what it did is ``journal``.

    ``seed`` (int) makes ids and names the same on every run.  Every command is carried out wholly or not at all; each
    can be undone.
    """
