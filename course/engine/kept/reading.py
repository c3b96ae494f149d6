"""Reading what may be damaged or hostile: plain files and directories of one place, and never what a link leads to."""

import os
import stat
from pathlib import Path
from typing import Any

from course.errors import CourseError
from course.layers.document import MAX_DOCUMENT, read_document
from course.words import _, shown, size


def is_there(root: Path, path: str) -> bool:
    """Tell whether there is anything at ``path`` (str) below ``root`` (Path), be it a link to nowhere (bool)."""
    return os.path.lexists(root / path)


def read(root: Path, path: str, most: int = MAX_DOCUMENT) -> bytes:
    """Return the content of the file ``path`` (str) below ``root`` (Path), of at most ``most`` bytes.

    Raises CourseError: there is none, it is no regular file (a FIFO would have us wait for ever), a directory above it
    is a symbolic link (which would lead elsewhere), it is too large, it cannot be read.
    """
    _check_above(root, path)
    found = _found(root, path)
    if not stat.S_ISREG(found.st_mode):
        raise CourseError(_("{path}: is no regular file.").format(path=_named(root, path)))
    try:
        with (root / path).open("rb") as file:
            data = file.read(most + 1)
    except OSError as error:
        raise _unreadable(root, path, error) from error
    if len(data) > most:
        raise CourseError(
            _("{path}: has more than {limit}, which nothing here needs.").format(
                path=_named(root, path), limit=size(most)
            )
        )
    return data


def read_json(root: Path, path: str) -> dict[str, Any]:
    """Return the JSON object (dict) in the file ``path`` (str) below ``root`` (Path).  Raises CourseError."""
    return read_document(read(root, path), _named(root, path))


def read_text(root: Path, path: str) -> str:
    """Return the line of text (str) in the file ``path`` (str) below ``root`` (Path), a short one.  Raises CourseError.

    Of what is no ASCII there is a mark in its place: nothing that is kept so has any.
    """
    return read(root, path, 4096).decode("ascii", "replace")


def names(root: Path, path: str) -> list[str]:
    """Return the names (list of str, sorted) in the directory ``path`` (str) below ``root`` (Path).

    Raises CourseError: there is none, or it or one above it is something else, such as a symbolic link.
    """
    _check_above(root, f"{path}/.")
    try:
        return sorted(each.name for each in (root / path).iterdir())
    except OSError as error:
        raise _unreadable(root, path, error) from error


def is_directory(root: Path, path: str) -> bool:
    """Tell whether ``path`` (str) below ``root`` (Path) is a directory, and no link to one (bool)."""
    try:
        _check_above(root, f"{path}/.")
    except CourseError:
        return False
    return True


def _check_above(root: Path, path: str) -> None:
    """Raise CourseError if one of the directories that ``path`` is in, below ``root``, is none."""
    *above, _name = path.split("/")
    for depth in range(1, len(above) + 1):
        folder = "/".join(above[:depth])
        if not stat.S_ISDIR(_found(root, folder).st_mode):
            raise CourseError(_("{path}: is no directory.").format(path=_named(root, folder)))


def _found(root: Path, path: str) -> os.stat_result:
    try:
        return (root / path).lstat()
    except (OSError, ValueError) as error:  # ValueError: a null byte
        raise _unreadable(root, path, error) from error


def _unreadable(root: Path, path: str, error: OSError | ValueError) -> CourseError:
    reason = error.strerror if isinstance(error, OSError) else error
    return CourseError(_("{path}: cannot be read: {reason}.").format(path=_named(root, path), reason=reason))


def _named(root: Path, path: str) -> str:
    return shown(str(root / path))
