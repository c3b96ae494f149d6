"""Back and forth in what an engine has done: undo, redo, and an engine as it was at any step."""

from typing import Self

from course.engine.base import EngineBase
from course.engine.journal import Event, Journal
from course.errors import DockerError
from course.words import _


class GoingBack(EngineBase):
    """Takes commands back, if the engine is simulated."""

    def undo(self) -> Event | None:
        """Take back the last command (Event, or None if there is none).  Raises DockerError."""
        self._check_can_go_back()
        if not self.journal.position:
            return None
        self.journal.position -= 1
        event = self.journal.events[self.journal.position]
        self.store.undo(event.changes)
        self.is_stale = True
        return event

    def _check_can_go_back(self) -> None:
        """Refuse to go back where that cannot be done.  Raises DockerError."""
        if self.kept:
            raise DockerError(
                _(
                    "This engine is real: what its processes have done stays done, and nothing goes back. A simulated "
                    "engine can undo."
                )
            )

    def redo(self) -> Event | None:
        """Carry out again what was undone last (Event, or None if there is nothing).  Raises DockerError."""
        self._check_can_go_back()
        if self.journal.position == len(self.journal.events):
            return None
        event = self.journal.events[self.journal.position]
        self.journal.position += 1
        self.store.redo(event.changes)
        self.is_stale = True
        return event

    def at(self, step: int) -> Self:
        """Return an engine as this one was after ``step`` commands (int), which goes its own way from there.

        Raises ValueError: there were not that many.
        """
        self._check_can_go_back()
        if not 0 <= step <= len(self.journal.events):
            raise ValueError(f"there are {len(self.journal.events)} steps, so a step is a number from 0 to that")
        twin = type(self)(self.seed)
        twin.store = self.store.copy()
        twin.journal = Journal(list(self.journal.events), self.journal.position)
        while twin.journal.position > step:
            twin.undo()
        while twin.journal.position < step:
            twin.redo()
        twin.is_stale = True
        return twin

    def repeat(self, event: Event) -> None:
        """Carry out the command of ``event`` (Event) here, also one that was refused in part."""
        try:
            getattr(self, event.command)(*event.arguments, **event.options)
        except DockerError as error:
            if not error.kept:
                raise

    def revive(self) -> None:
        """See to it that the runtime's processes are those that the store tells of.

        After an undo they are not: processes cannot go back.  So the commands since nothing ran last are carried out
        again, which brings the same processes, as ids, names and time are the same.
        """
        if not self.is_stale or self.kept:
            return
        step = quiet = self.journal.position
        running = {container.id for container in self.containers.values() if container.is_running}
        while running and quiet:
            quiet -= 1
            for change in reversed(self.journal.events[quiet].changes):
                if change.table == "containers":
                    (running.add if change.before and change.before.is_running else running.discard)(change.key)
        if quiet == step:
            self.start_afresh(self.store.tables["machine"]["clock"])
            return
        twin = self.at(quiet)
        twin.start_afresh(twin.store.tables["machine"]["clock"])
        for event in self.journal.events[quiet:step]:
            twin.repeat(event)
        self.clock, self.runtime, self.is_stale = twin.clock, twin.runtime, False
