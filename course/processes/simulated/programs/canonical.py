"""The one path of a file: from the root, without links, ``.`` and ``..`` (realpath(3))."""

import errno
import stat

from course.processes.simulated.programs.operands import join
from course.union.errnos import failure
from course.union.filesystem import UnionFilesystem

MAX_SYMLINKS = 40  # path_resolution(7)


def canonical(fs: UnionFilesystem, path: str, missing: str = "last") -> str:
    """Return the path (str) of what ``path`` (str) leads to.

    ``missing`` is what need not be there (str): "nothing", the "last" part, or "any" of them.  Raises OSError: ENOENT,
    ENOTDIR, ELOOP, EACCES.  Rule: readlink(1) -e, -f, -m.
    """
    if not path:
        raise failure(errno.ENOENT, path)
    place = "/" if path.startswith("/") else fs.getcwd()
    todo = [part for part in reversed(path.split("/")) if part]
    must_be_directory = path.endswith("/")
    links = 0
    while todo:
        part = todo.pop()
        if part == ".":
            continue
        if part == "..":
            place = place.rpartition("/")[0] or "/"
            continue
        step = join(place, part)
        try:
            found = fs.lstat(step)
        except OSError as error:
            if missing == "any" or (missing == "last" and error.errno == errno.ENOENT and not todo):
                place = step
                continue
            raise
        if stat.S_ISLNK(found.st_mode):
            links += 1
            if links > MAX_SYMLINKS:
                raise failure(errno.ELOOP, path)
            target = fs.readlink(step)
            todo += [part for part in reversed(target.split("/")) if part]
            place = "/" if target.startswith("/") else place
            continue
        if (todo or must_be_directory) and not stat.S_ISDIR(found.st_mode) and missing != "any":
            raise failure(errno.ENOTDIR, path)
        place = step
    return place
