"""Progress: what a learner did, one line each in a file that is only ever added to.

The file is text, one JSON object a line::

    {"what": "attempt", "id": "layers/lookup", "points": 6, "when": "2025-03-01T10:15:00+00:00"}
    {"what": "hint", "id": "layers/lookup", "number": 1, "when": "…"}
    {"what": "prediction", "id": "layers/what_is_an_image", "choice": "the text chosen", "right": false, "when": "…"}

An *attempt* is one run of an exercise's cell, with the points that it earned; the best one counts.  A *hint* is one
that was shown, counted from 1; hints cost nothing.  A *prediction* is locked in: the first one of a question stands.
``when`` is UTC.  Lines that cannot be read (the last one of a machine that lost its power, or of a later version of the
course) are passed over.  Each line is written with one system call to the end of the file, so that several notebooks
can share it.
"""

import errno
import json
import os
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from course.words import _, shown


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that a learner did: ``what`` is "attempt", "hint" or "prediction", ``id`` the exercise or question."""

    what: str
    id: str
    points: int = 0
    number: int = 0
    choice: str = ""
    right: bool = False
    when: str = ""

    @classmethod
    def read(cls, line: str) -> Self | None:
        """Return the event that a line (str) holds (Event), or None: it holds none.

        >>> Event.read('{"what": "hint", "id": "layers/lookup", "number": 1, "colour": "red"}').number
        1
        >>> Event.read('{"what": "hint", "id": "layers/loo')
        """
        try:
            found = json.loads(line)
        except (ValueError, RecursionError):
            return None
        if not isinstance(found, dict) or "what" not in found or "id" not in found:
            return None
        known = {field: found[field.name] for field in fields(cls) if field.name in found}
        if any(type(value) is not field.type for field, value in known.items()):
            return None
        return cls(**{field.name: value for field, value in known.items()})


class Progress:
    """The file at ``path`` (Path), to which what a learner does is added.

    Where it cannot be written, what happens is remembered until the notebook's kernel ends.

    >>> import tempfile
    >>> progress = Progress(Path(tempfile.mkdtemp()) / "progress.jsonl")
    >>> for points in (6, 10, 3):
    ...     _ = progress.record("attempt", "layers/lookup", points=points)
    >>> progress.best("layers/lookup")
    10
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.unwritten: list[str] = []
        self._parsed: tuple[str, list[Event]] = ("", [])

    def record(self, what: str, id: str, **details: int | str) -> str:  # noqa: A002 (the file's word)
        """Add an event; return what there is to say about it (str): once, that the file cannot be written."""
        when = datetime.now(UTC).isoformat(timespec="seconds")
        line = json.dumps({"what": what, "id": id, **details, "when": when}, ensure_ascii=False)
        try:
            self._append(line)
        except OSError as error:
            self.unwritten.append(line)
            if len(self.unwritten) == 1:
                return _("Your progress is not kept: {path} cannot be written ({reason}). All else works.").format(
                    path=shown(str(self.path)), reason=error.strerror
                )
        return ""

    def _append(self, line: str) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a+b", buffering=0) as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(size - 1, 0))
            torn = file.read(1) not in (b"", b"\n")  # by a machine that lost its power: do not add to that line
            data = f"{chr(10) * torn}{line}\n".encode()
            if file.write(data) < len(data):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            os.fsync(file.fileno())

    def events(self) -> list[Event]:
        """Return all that happened so far, the oldest first (list of Event)."""
        try:
            text = self.path.read_text("utf-8", errors="replace")
        except OSError:
            text = ""
        text = "\n".join([text, *self.unwritten])
        if self._parsed[0] != text:
            self._parsed = (text, [event for event in map(Event.read, text.split("\n")) if event])
        return self._parsed[1]

    def best(self, exercise: str) -> int:
        """Return the most points (int) that an attempt at ``exercise`` (str, its id) earned."""
        return max((event.points for event in self._of("attempt", exercise)), default=0)

    def hints(self, exercise: str) -> int:
        """Return how many hints (int) of ``exercise`` (str, its id) were shown."""
        return max((event.number for event in self._of("hint", exercise)), default=0)

    def prediction(self, question: str) -> Event | None:
        """Return the prediction that was locked in for ``question`` (str, its id), or None."""
        return next(iter(self._of("prediction", question)), None)

    def last_exercise(self) -> str:
        """Return the id of the exercise that was tried last (str), or an empty text."""
        return next((event.id for event in reversed(self.events()) if event.what == "attempt"), "")

    def _of(self, what: str, id: str) -> list[Event]:  # noqa: A002 (the file's word)
        return [event for event in self.events() if event.what == what and event.id == id]


def progress() -> Progress:
    """Return this learner's progress (Progress)."""
    return _OPEN.setdefault(path := progress_file(), Progress(path))


def progress_file() -> Path:
    """Return where this learner's progress is kept (Path): ``$COURSE_PROGRESS``, or in the workspace."""
    if chosen := os.environ.get("COURSE_PROGRESS"):
        return Path(chosen)
    from course.lessons.workspace import workspace_folder

    return workspace_folder() / ".course" / "progress.jsonl"


_OPEN: dict[Path, Progress] = {}  # one for each file, so that what could not be written is not forgotten
