"""Whether a file may be copied or moved onto another: not if they are the same."""

import stat

from course.processes.simulated.programs.operands import above, last
from course.union.filesystem import Stat, UnionFilesystem


def same(one: Stat, other: Stat) -> bool:
    """Return whether two files (Stat) are one inode (bool)."""
    return (one.st_dev, one.st_ino) == (other.st_dev, other.st_ino)


def place(fs: UnionFilesystem, path: str, found: Stat) -> tuple[object, ...]:
    """Return what makes a name of a file different from every other (tuple): where it is, and what it is."""
    folder = fs.stat(above(path))
    return last(path), folder.st_dev, folder.st_ino, found.st_dev, found.st_ino


def same_name(fs: UnionFilesystem, one: str, other: str) -> bool:
    """Return whether two paths (str) are the same name in the same directory (bool)."""
    return last(one) == last(other) and same(fs.stat(above(one)), fs.stat(above(other)))


def may_replace(
    fs: UnionFilesystem,
    source: tuple[str, Stat],
    destination: tuple[str, Stat],
    follows: bool,
    unlinks: bool,
    make: str = "",
    moving: bool = False,
    backup: bool = False,
) -> bool | None:
    """Return whether ``destination`` may be overwritten with ``source`` (bool), None if there is nothing to do.

    Both are a path with its Stat (pair).  ``follows`` is whether links of the source are followed, ``unlinks`` whether
    the destination is removed first, ``moving`` whether the source is, ``backup`` whether the destination is kept under
    another name (bool); ``make`` is "links", "symlinks" or empty.
    """
    (old, old_found), (new, new_found) = source, destination
    old_link, new_link = old_found, new_found
    identical = same(old_found, new_found)
    if follows:
        if not identical:
            return True
        old_link, new_link = fs.lstat(old), fs.lstat(new)
        if stat.S_ISLNK(old_link.st_mode) and stat.S_ISLNK(new_link.st_mode) and unlinks:
            return True
    elif stat.S_ISLNK(old_found.st_mode) and stat.S_ISLNK(new_found.st_mode):
        if same_name(fs, old, new):
            return False
        return None if identical and not moving and not backup else True
    linked = same(old_link, new_link)
    if backup:
        to_itself = not moving and follows and stat.S_ISLNK(old_link.st_mode) and not stat.S_ISLNK(new_link.st_mode)
        return not same_name(fs, old, new) if linked else not to_itself
    if moving or unlinks:
        if stat.S_ISLNK(new_link.st_mode):
            return True
        if linked and new_link.st_nlink > 1 and not same_name(fs, old, new):
            return not moving
    if not stat.S_ISLNK(old_link.st_mode) and not stat.S_ISLNK(new_link.st_mode):
        if not linked:
            return True
        if make == "links":
            return None
    if make == "symlinks" and stat.S_ISLNK(new_link.st_mode):
        return True
    if not follows:
        if not same(_reached(fs, old, old_link), _reached(fs, new, new_link)):
            return True
        if make == "links":
            return True if stat.S_ISLNK(new_link.st_mode) else None
    return False


def _reached(fs: UnionFilesystem, path: str, found: Stat) -> Stat:
    if not stat.S_ISLNK(found.st_mode):
        return found
    try:
        return fs.stat(path)
    except OSError:
        return found
