"""Replacing a file by a link in one step: the link is made under another name, which is then moved over the file."""

import errno
from collections.abc import Callable
from contextlib import suppress
from itertools import count

from course.processes.simulated.programs.operands import above, join
from course.union.filesystem import UnionFilesystem

LETTERS = "abcdefghijklmnopqrstuvwxyz"


def put_in_place(fs: UnionFilesystem, make: Callable[[str], None], path: str) -> None:
    """Let ``make`` (callable that takes a path) make something at a free path, and move it to ``path`` (str).

    Raises OSError.  Rule: what ``ln -f`` and ``cp`` do, so that ``path`` is never missing.
    """
    for number in count():
        letters = "".join(LETTERS[number // 26**place % 26] for place in range(6))
        name = f"Cu{letters}"
        temporary = name if above(path) == "." and not path.startswith("./") else join(above(path), name)
        try:
            make(temporary)
        except OSError as error:
            if error.errno != errno.EEXIST:
                raise
            continue
        try:
            fs.rename(temporary, path)
        except OSError:
            fs.unlink(temporary)
            raise
        break
    with suppress(FileNotFoundError):
        fs.unlink(temporary)  # it is still there if both were names of one file: then the rename did nothing


def link(fs: UnionFilesystem, old: str, path: str, replace: bool) -> None:
    """Make ``path`` (str) another name of ``old`` (str), in place of what is there if ``replace``.  Raises OSError."""
    try:
        fs.link(old, path)
    except FileExistsError:
        if not replace:
            raise
        put_in_place(fs, lambda temporary: fs.link(old, temporary), path)


def symlink(fs: UnionFilesystem, target: str, path: str, replace: bool) -> None:
    """Make ``path`` (str) a link to ``target`` (str), in place of what is there if ``replace``.  Raises OSError."""
    try:
        fs.symlink(target, path)
    except FileExistsError:
        if not replace:
            raise
        put_in_place(fs, lambda temporary: fs.symlink(target, temporary), path)
