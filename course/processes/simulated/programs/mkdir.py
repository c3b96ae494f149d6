"""mkdir and rmdir: make and remove directories."""

import errno
import re
import stat

from course.processes.simulated.process import Process, Run
from course.processes.simulated.programs import modes, targets
from course.processes.simulated.programs.modes import Change
from course.processes.simulated.programs.operands import bare
from course.processes.simulated.programs.quoting import quote, quoted
from course.processes.simulated.programs.registry import (
    Failed,
    Steps,
    Usage,
    for_each,
    missing_operand,
    options,
    program,
    trying,
)


@program("mkdir")
def mkdir(process: Process, argv: list[str]) -> Run:
    """Make directories (mkdir(1)): -p, -m, -v."""
    found, operands = options(argv, "m:pv", ["mode=", "parents", "verbose"])
    chosen = {option.lstrip("-")[0]: value for option, value in found}
    missing_operand(operands)
    changes: tuple[Change, ...] | None = None
    if "m" in chosen:
        try:
            changes = modes.parse(chosen["m"])
        except ValueError:
            raise Usage(f"invalid mode {quote(chosen['m'])}", hint=False) from None
    maker = _Maker(process, changes, "v" in chosen)
    return (yield from for_each(process, operands, maker.whole_way if "p" in chosen else maker.one))


class _Maker:
    """Makes directories of the mode that ``changes`` (tuple of Change, or None) say."""

    def __init__(self, process: Process, changes: tuple[Change, ...] | None, verbose: bool) -> None:
        self.process, self.fs, self.verbose = process, process.fs, verbose
        self.umask = process.fs.umask(0)
        process.fs.umask(self.umask)
        self.mode = 0o777 if changes is None else modes.changed(0o777, changes, True, self.umask)
        self.explicit = 0 if changes is None else modes.touched(changes)
        self.asked = 0 if changes is None else self.mode

    def one(self, path: str) -> Steps:
        """Make one directory.  Raises Failed."""
        special = self.explicit & (stat.S_ISUID | stat.S_ISGID) | self.mode & stat.S_ISVTX
        with trying(f"cannot create directory {quoted(path)}"):
            self._make(path, self.mode & ~0o022 if special else self.mode, self.umask & ~self.asked)
            if (self.fs.lstat(path).st_mode ^ self.mode) & self.explicit:
                self.fs.chmod(path, self.mode)
        yield from self._say(path)
        return True

    def whole_way(self, path: str) -> Steps:
        """Make a directory and all that lead to it, as far as they are not there.  Raises Failed."""
        for part in re.finditer(r"([^/]+)/+(?=[^/])", path):
            way = path[: part.end(1)]
            if part[1] not in (".", "..") and not targets.is_directory(self.fs, way):
                self._on_the_way(way)
                yield from self._say(way)
        if targets.is_directory(self.fs, path):
            return True
        return (yield from self.one(path))

    def _on_the_way(self, path: str) -> None:
        try:
            with trying(f"cannot create directory {quoted(path)}"):
                self._make(path, 0o777, self.umask & ~0o300)  # what is to be made in it needs these
        except Failed:
            if _is_there(self.process, path):
                raise Failed(f"cannot create directory {quoted(path)}: Not a directory") from None
            raise

    def _make(self, path: str, mode: int, umask: int) -> None:
        self.fs.umask(umask)
        try:
            self.fs.mkdir(path, mode)
        finally:
            self.fs.umask(self.umask)

    def _say(self, path: str) -> Steps:
        if self.verbose:
            yield from self.process.print(f"mkdir: created directory {quoted(path)}\n")
        return True


@program("rmdir")
def rmdir(process: Process, argv: list[str]) -> Run:
    """Remove empty directories (rmdir(1)): -p, -v, --ignore-fail-on-non-empty."""
    found, operands = options(argv, "pv", ["ignore-fail-on-non-empty", "parents", "verbose"])
    chosen = {option.lstrip("-")[0] for option, _ in found}
    missing_operand(operands)

    def remove(path: str) -> Steps:
        words = ""
        while True:
            if "v" in chosen:
                yield from process.print(f"rmdir: removing directory, {quoted(path)}\n")
            try:
                process.fs.rmdir(path)
            except OSError as error:
                if "i" in chosen and error.errno in (errno.ENOTEMPTY, errno.EEXIST):
                    return True
                why = error.strerror
                if error.errno == errno.ENOTDIR and path.endswith("/") and _is_link(process, bare(path)):
                    why = "Symbolic link not followed"
                raise Failed(f"failed to remove {words}{quoted(path)}: {why}") from None
            path = bare(path).rpartition("/")[0].rstrip("/")
            if "p" not in chosen or not path:
                return True
            words = "directory "

    return (yield from for_each(process, operands, remove))


def _is_there(process: Process, path: str) -> bool:
    try:
        process.fs.stat(path)
    except OSError:
        return False
    return True


def _is_link(process: Process, path: str) -> bool:
    try:
        return stat.S_ISLNK(process.fs.lstat(path).st_mode)
    except OSError:
        return False
