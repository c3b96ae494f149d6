"""The engine of ``course docker``: kept in one file from one command to the next, for one command at a time."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from course.engine.engine import Engine
from course.engine.journal_file import read_journal, write_journal
from course.errors import CourseError
from course.lessons.docker_magic import Desk
from course.lessons.workspace import workspace_folder
from course.words import _


def engine_file() -> Path:
    """Return where the engine is kept (Path): ``$COURSE_ENGINE``, or in the workspace."""
    if chosen := os.environ.get("COURSE_ENGINE"):
        return Path(chosen).absolute()
    return workspace_folder() / ".course" / "engine.zip"


@contextmanager
def kept_desk(path: Path, *, afresh: bool = False) -> Iterator[Desk]:
    """Yield a desk with the engine that the file ``path`` (Path) holds, and write it back once it has changed.

    Another command waits meanwhile.  ``afresh`` takes a new engine, whatever the file holds (bool).  Raises OSError;
    CourseError: the file cannot be read.

    >>> import tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> with kept_desk(Path(folder.name, "engine.zip")) as desk:
    ...     _ = desk.carry_out("docker volume create data")
    >>> with kept_desk(Path(folder.name, "engine.zip")) as desk:
    ...     desk.carry_out("docker volume ls -q").text
    'data\\n'
    >>> folder.cleanup()
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_name(path.name + ".lock").open("a+b") as lock:
        _lock(lock)
        desk = Desk()
        if path.exists() and not afresh:
            desk.engine = _read(path)
        before = desk.engine, desk.engine.journal.position, len(desk.engine.journal.events)
        yield desk
        if afresh or before != (desk.engine, desk.engine.journal.position, len(desk.engine.journal.events)):
            write_journal(desk.engine, path)


def _read(path: Path) -> Engine:
    try:
        return read_journal(path)
    except CourseError as error:
        advice = _("`course docker reset` begins anew, with an empty engine.")
        raise CourseError(f"{error} {advice}") from error


if sys.platform == "win32":
    import msvcrt

    def _lock(file: BinaryIO) -> None:
        msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)

else:

    def _lock(file: BinaryIO) -> None:
        """Wait until no other command has the file (binary file object) locked; its end gives it back."""
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX)
