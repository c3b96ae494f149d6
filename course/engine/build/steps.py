"""What a build did, step by step: what each asked of the cache, what came of it, and why."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from course.engine.build.graph import Graph
from course.engine.build.instruction import Instruction
from course.layers.layer import Layer


class Cause(Enum):
    """Why a step came out of the cache, or did not."""

    FOUND = "found"
    NOT_ASKED = "not asked"  # FROM, and ARG before it
    NO_CACHE = "--no-cache"
    ABOVE = "above"
    NEVER = "never"
    TEXT = "text"
    CONTENT = "content"
    ARGUMENTS = "arguments"
    SETTINGS = "settings"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Key:
    """What the cache knows a step by.

    ``parent`` is what it is carried out on (str: an image's id, or the key of another operation), ``text`` the
    instruction with its variables replaced (str), ``arguments`` the ARG that a RUN sees (mapping of str), ``files`` the
    checksum of each source of COPY and ADD, and of each file in it (mapping of path to str).  ``settings`` is what else
    counts of how to run the image (mapping: ``Env``, ``User`` and so on).
    """

    parent: str
    text: str
    arguments: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Probe:
    """A question to the cache: the ``key`` (Key), or None if nothing was asked, and the answer.

    ``cause`` is why it was a hit or a miss (Cause), ``reason`` the same in words (str).
    """

    cause: Cause
    reason: str
    key: Key | None = None

    @property
    def hit(self) -> bool:
        """Whether the step came out of the cache (bool)."""
        return self.cause is Cause.FOUND


@dataclass(frozen=True, slots=True)
class BuildStep:
    """One step of a build.

    ``number`` is its place (int, from 1: docker's ``Step 1/9``, or BuildKit's ``#1``), ``stage`` the number of its
    stage (int; -1 before the first), ``instruction`` what it carries out (Instruction), ``probe`` what the cache said
    (Probe).  ``image`` is the id of the image that it ended in (str; BuildKit makes none), ``layer`` the layer that it
    brought (Layer), or None, ``history`` what the history says of it (str), ``output`` what a RUN wrote (str).
    """

    number: int
    stage: int
    instruction: Instruction
    probe: Probe
    image: str = ""
    layer: Layer | None = None
    history: str = ""
    output: str = ""


@dataclass(frozen=True, slots=True)
class Built:
    """What came of a build: the ``id`` of the image (str; empty if it was refused) and its ``tags`` (tuple of str).

    ``steps`` are in the order in which they were carried out (tuple of BuildStep), ``output`` is what docker prints
    (str); ``graph`` is what BuildKit made of the Dockerfile (Graph, or None: the classic builder).
    """

    id: str
    tags: tuple[str, ...]
    steps: tuple[BuildStep, ...]
    output: str
    graph: Graph | None = None

    @property
    def hits(self) -> tuple[bool, ...]:
        """Which of the steps that asked the cache were in it (tuple of bool)."""
        return tuple(step.probe.hit for step in self.steps if step.probe.cause is not Cause.NOT_ASKED)
