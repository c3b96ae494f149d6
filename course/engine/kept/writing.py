"""Changing several files at once: all of it, or nothing, though the power fails between any two system calls.

Each new file is written as a draft beside its place, and synced.  What makes it count is a rename, and so is what
removes something: into the directory ``tmp``.  One rename is whole by itself.  Several are listed in a file first,
whose own rename decides; whoever opens the directory next carries out what a list says.
"""

import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from course.engine.kept.reading import is_directory, is_there, read_json
from course.errors import CourseError, InvalidDocument, MachineError
from course.layers.entry import FileEntry, file
from course.union.flags import O_RDONLY
from course.words import _, shown

LIST = "unfinished.json"
TRASH = "tmp"  # docker's own directory for what is not to stay

Renames = Sequence[tuple[str, str]]


class Files:
    """The files below the directory ``root`` (Path), changed with care.

    ``discard`` removes a directory with all that is in it (function of Path), whomever that belongs to.
    """

    def __init__(self, root: Path, discard: Callable[[Path], None]) -> None:
        self._root, self._discard = root, discard

    def change(
        self,
        shown: Mapping[str, FileEntry],
        ahead: Mapping[str, FileEntry] | None = None,
        removed: Iterable[str] = (),
        *,
        synced: bool = True,
    ) -> None:
        """Write the files ``shown`` and remove the paths ``removed``, all or none of them.

        ``shown`` (mapping of path to FileEntry) are files, ``removed`` (iterable of str) files and directories.
        ``ahead`` (mapping of path to FileEntry) are directories and files that mean nothing without those, and may be
        written before.  ``synced`` is whether a power cut afterwards must find it done (bool).  Raises OSError or
        CourseError, with everything as it was; but for MachineError: a disk that fails when all is done.
        """
        self.finish()
        attempt = _Attempt(self._root, synced)
        renames: list[tuple[str, str]] = []
        try:
            for path, entry in (ahead or {}).items():
                if entry.is_directory:
                    attempt.directory(path, entry.mode)
                else:
                    attempt.carry_out([(attempt.draft(path, entry), path)])
            renames += [(attempt.draft(path, entry), path) for path, entry in shown.items()]
            renames += [(path, self._in_trash(path)) for path in removed if is_there(self._root, path)]
            attempt.sync()
            if len(renames) > 1:
                text = json.dumps({"renames": renames}, indent=1)
                attempt.carry_out([(attempt.draft(LIST, file(text, 0o600)), LIST)])
                attempt.sync()
        except BaseException:
            attempt.take_back()
            raise
        if len(renames) > 1:
            with suppress(OSError):  # it is decided: what cannot be carried out now is so before the next change
                self.finish(synced=synced)
        else:
            try:
                attempt.carry_out(renames)
            except BaseException:
                attempt.take_back()
                raise
            attempt.confirm()
        self.empty_trash()

    def finish(self, *, synced: bool = True) -> None:
        """Carry out what a list says, if there is one.

        Raises OSError: it cannot be done now; CourseError: the list is damaged.
        """
        if not is_there(self._root, LIST):
            return
        attempt = _Attempt(self._root, synced)
        attempt.carry_out(_checked(self._root))
        attempt.sync()
        (self._root / LIST).unlink()
        attempt.touched("")  # before the list is gone for good, nothing that it removes may be there again
        attempt.sync()

    def remove(self, paths: Iterable[str]) -> None:
        """Remove ``paths`` (iterable of str), to which nothing refers any more: what fails is left for another time."""
        for path in paths:
            with suppress(OSError, CourseError):
                (self._root / path).replace(self._root / self._in_trash(path))
        self.empty_trash()

    def empty_trash(self) -> None:
        """Remove what was thrown away; what cannot be removed now is left for another time."""
        with suppress(OSError, CourseError):
            for path in list((self._root / TRASH).iterdir()):
                self._discard(path)

    def _in_trash(self, path: str) -> str:
        name, number = path.replace("/", "-"), 0
        while is_there(self._root, f"{TRASH}/{number}-{name[-200:]}"):
            number += 1
        return f"{TRASH}/{number}-{name[-200:]}"


class _Attempt:
    """Drafts and renames below ``root`` (Path), and what there is to sync and to take back."""

    def __init__(self, root: Path, synced: bool) -> None:
        self._root, self._synced = root, synced
        self._made: list[str] = []
        self._touched: dict[str, None] = {}

    def directory(self, path: str, mode: int) -> None:
        """Make the directory ``path`` (str) with ``mode`` (int), if it is not there."""
        if not is_directory(self._root, path):
            (self._root / path).mkdir()
            self._made.append(path)
            (self._root / path).chmod(mode)
            self.touched(path)

    def draft(self, path: str, entry: FileEntry) -> str:
        """Write what is to be at ``path`` (str) into a draft beside it, and return that one's path (str)."""
        draft = draft_of(path)
        with suppress(FileNotFoundError):
            (self._root / draft).unlink()
        self._made.append(draft)
        with (self._root / draft).open("xb") as stream:  # x: no link is followed
            stream.write(entry.read())
            if self._synced:
                stream.flush()
                os.fsync(stream.fileno())
        (self._root / draft).chmod(entry.mode)
        self.touched(draft)
        return draft

    def carry_out(self, renames: Renames) -> None:
        """Rename each path to the other one, if it is there still."""
        for source, target in renames:
            if is_there(self._root, source):
                if source in self._made and not is_there(self._root, target):
                    self._made.append(target)
                (self._root / source).replace(self._root / target)
                self.touched(source)
                self.touched(target)

    def touched(self, path: str) -> None:
        """Note that the directory in which ``path`` (str) is has changed."""
        self._touched[path.rpartition("/")[0]] = None

    def sync(self) -> None:
        """Sync the directories that have changed."""
        for folder in self._touched if self._synced else ():
            descriptor = os.open(self._root / folder, O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        self._touched.clear()

    def confirm(self) -> None:
        """Sync the directories in which something counts already.  Raises MachineError: the disk cannot say so."""
        try:
            self.sync()
        except OSError as error:
            raise MachineError(
                _(
                    "{path}: was changed, and the disk does not confirm it ({reason}): make a copy of what is dear."
                ).format(path=shown(str(self._root)), reason=error.strerror)
            ) from error

    def take_back(self) -> None:
        """Remove what was made, the last of it first: a list before the drafts that it speaks of."""
        for path in reversed(self._made):
            try:
                if is_directory(self._root, path):
                    (self._root / path).rmdir()
                elif is_there(self._root, path):
                    (self._root / path).unlink()
            except OSError:
                return


def draft_of(path: str) -> str:
    """Return where what is to be at ``path`` (str) is written before it counts (str).

    >>> draft_of("containers/1/config.v2.json")
    'containers/1/.config.v2.json.new'
    """
    folder, slash, name = path.rpartition("/")
    return f"{folder}{slash}.{name}.new"


def is_draft(name: str) -> bool:
    """Tell whether a file's ``name`` (str) is that of a draft (bool)."""
    return name.startswith(".") and name.endswith(".new")


def _checked(root: Path) -> Renames:
    """Return what the list of renames in ``root`` says.  Raises CourseError: it leads out of there, or is none."""
    found = read_json(root, LIST).get("renames")
    if not isinstance(found, list) or not all(map(_is_rename, found)):
        raise InvalidDocument(_("{path}: is no list of changes.").format(path=root / LIST))
    for source, target in found:
        for path in (source, target):
            above = path.rpartition("/")[0]
            if above and not is_directory(root, above):
                raise InvalidDocument(_("{path}: leads out of its directory.").format(path=root / LIST))
    return [(source, target) for source, target in found]


def _is_rename(found: object) -> bool:
    return (
        isinstance(found, list)
        and len(found) == 2
        and all(
            isinstance(path, str) and not {"", ".", ".."} & set(path.split("/")) and "\0" not in path for path in found
        )
    )
