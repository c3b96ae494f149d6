"""What BuildKit makes of a Dockerfile: operations, and which of them needs which."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from course.engine.build.instruction import Instruction


@dataclass(frozen=True, slots=True)
class Vertex:
    """One operation: ``number`` is its place in the graph (int), ``name`` what BuildKit prints of it (str).

    ``base`` is the number of the operation whose files it changes (int; -1: it begins with nothing), ``source`` that of
    the one that it copies from (int; -1: none).  ``level`` is how many must come before it, one after the other (int):
    operations of one level can be carried out at the same time.  ``stage`` is the number of its stage (int; -1:
    the build context), ``instruction`` the one that it carries out (Instruction, or None), ``image`` the id of the
    image that it begins with (str).  ``directory`` is the working directory (str), ``environment`` what a RUN gets
    (tuple of ``NAME=value``), ``words`` its command line (tuple of str), ``user`` who runs it (str), ``arguments`` the
    ARG that its history shows (mapping of str).
    """

    number: int
    name: str
    base: int = -1
    source: int = -1
    level: int = 0
    stage: int = -1
    instruction: Instruction | None = None
    image: str = ""
    directory: str = "/"
    environment: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    user: str = ""
    arguments: Mapping[str, str] = field(default_factory=dict)

    @property
    def inputs(self) -> tuple[int, ...]:
        """The numbers of the operations that it needs (tuple of int)."""
        return tuple(number for number in (self.base, self.source) if number >= 0)


@dataclass(frozen=True, slots=True)
class Graph:
    """The operations of a build: ``vertices`` (tuple of Vertex), each behind those that it needs.

    >>> Graph((Vertex(0, "FROM base"), Vertex(1, "RUN a", 0, level=1), Vertex(2, "RUN b", 0, level=1))).levels
    ((0,), (1, 2))
    """

    vertices: tuple[Vertex, ...]

    @property
    def edges(self) -> tuple[tuple[int, int], ...]:
        """Each operation that another one needs, and that one (tuple of pairs of int)."""
        return tuple((needed, vertex.number) for vertex in self.vertices for needed in vertex.inputs)

    @property
    def levels(self) -> tuple[tuple[int, ...], ...]:
        """The operations that can be carried out at the same time (tuple of tuples of int)."""
        last = max((vertex.level for vertex in self.vertices), default=-1)
        return tuple(
            tuple(vertex.number for vertex in self.vertices if vertex.level == level) for level in range(last + 1)
        )
