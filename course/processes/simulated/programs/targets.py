"""Where cp, mv and ln put things: into a directory that comes last or is named by -t, or under a new name."""

import stat
from collections.abc import Sequence
from dataclasses import dataclass

from course.processes.simulated.programs.operands import join, last
from course.processes.simulated.programs.quoting import quoted
from course.processes.simulated.programs.registry import Usage
from course.union.filesystem import UnionFilesystem


@dataclass(frozen=True, slots=True)
class Target:
    """Where the operands go: into a ``directory`` (str), or, if that is None, the only one to ``name`` (str)."""

    operands: Sequence[str]
    directory: str | None = None
    name: str = ""

    def path(self, operand: str) -> str:
        """Return where ``operand`` (str) goes (str)."""
        if self.directory is None:
            return self.name
        base = last(operand)
        return self.directory if base == ".." else join(self.directory, base)


def is_directory(fs: UnionFilesystem, path: str, follow: bool = True) -> bool:
    """Return whether ``path`` (str) is a directory (bool), links followed or not."""
    try:
        return stat.S_ISDIR((fs.stat(path) if follow else fs.lstat(path)).st_mode)
    except OSError:
        return False


def kind_listed(fs: UnionFilesystem, path: str) -> int:
    """Return what a directory says of a file in it that may not be looked at (int, as in ``st_mode``).

    Raises OSError.  Rule: readdir(3), d_type.
    """
    return stat.S_IFMT(fs.with_credentials(0, 0).lstat(path).st_mode)


def chosen(
    fs: UnionFilesystem, operands: Sequence[str], into: str | None, plain: bool, destination: str = "destination file"
) -> Target:
    """Return where ``operands`` (sequence of str) go (Target).

    ``into`` is the directory that -t names (str, or None), ``plain`` (bool) is -T: what comes last is a name, never a
    directory to put something into.  Raises Usage.
    """
    if not operands:
        raise Usage("missing file operand")
    if plain and into is not None:
        raise Usage("cannot combine --target-directory (-t) and --no-target-directory (-T)", hint=False)
    if into is not None:
        _check(fs, into, "target directory")
        return Target(operands, into)
    if len(operands) == 1:
        raise Usage(f"missing {destination} operand after {quoted(operands[0])}")
    *sources, final = operands
    if plain:
        if len(operands) > 2:
            raise Usage(f"extra operand {quoted(operands[2])}")
        return Target(sources, None, final)
    if is_directory(fs, final):
        return Target(sources, final)
    if len(sources) > 1:
        _check(fs, final, "target")
    return Target(sources, None, final)


def accessible(fs: UnionFilesystem, path: str | None) -> None:
    """Raise Usage if there is a ``path`` (str, or None) and nothing is there."""
    try:
        if path is not None:
            fs.stat(path)
    except OSError as error:
        raise Usage(f"failed to access {quoted(str(path))}: {error.strerror}", hint=False) from None


def _check(fs: UnionFilesystem, path: str, what: str) -> None:
    try:
        found = fs.stat(path)
        reason = None if stat.S_ISDIR(found.st_mode) else "Not a directory"
    except OSError as error:
        reason = error.strerror
    if reason:
        raise Usage(f"{what} {quoted(path)}: {reason}", hint=False)
