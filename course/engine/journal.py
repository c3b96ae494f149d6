"""The journal: each command that an engine has carried out, with what it changed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from course.engine.records import Container
from course.engine.store import Change


@dataclass(frozen=True, slots=True)
class Event:
    """One command that was carried out: the ``command`` (str: the method's name) with its arguments.

    ``arguments`` are those without a name (tuple), ``options`` those with one (mapping); ``result`` is what came of it,
    ``changes`` what it changed (tuple of Change), ``time`` when it began (int, nanoseconds since 1970).
    """

    command: str
    arguments: tuple[Any, ...]
    options: Mapping[str, Any]
    result: Any
    changes: tuple[Change, ...]
    time: int

    def __repr__(self) -> str:
        words = [*map(repr, self.arguments), *(f"{name}={value!r}" for name, value in self.options.items())]
        return f"<Event {self.command}({', '.join(words)}): {len(self.changes)} changes>"

    @property
    def containers(self) -> dict[str, tuple[Container | None, Container | None]]:
        """What each container that it changed was before and after (dict by id to pairs of Container, or None)."""
        changes = [change for change in self.changes if change.table == "containers"]
        before = {change.key: change.before for change in reversed(changes)}
        return {change.key: (before[change.key], change.after) for change in changes}


@dataclass
class Journal:
    """The events of an engine, in order (``events``: list of Event); the first ``position`` are in force (int).

    Those behind it were undone, and can be done again until another command takes their place.
    """

    events: list[Event] = field(default_factory=list)
    position: int = 0

    def add(self, event: Event) -> None:
        """Add an event; those that were undone are gone."""
        del self.events[self.position :]
        self.events.append(event)
        self.position += 1
