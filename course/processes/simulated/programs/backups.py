"""Backups: what cp, mv and ln -b keep of a file that they put something else in the place of."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from course.processes.simulated.programs.operands import above, last
from course.processes.simulated.programs.registry import Usage, choice
from course.union.filesystem import UnionFilesystem

LONG = ["backup=?", "suffix="]
KINDS = {
    **dict.fromkeys(["none", "off"], "none"),
    **dict.fromkeys(["simple", "never"], "simple"),
    **dict.fromkeys(["existing", "nil"], "existing"),
    **dict.fromkeys(["numbered", "t"], "numbered"),
}


@dataclass(frozen=True, slots=True)
class Backups:
    """How backups are named: ``kind`` is simple, numbered, or existing: numbered where there are such (str)."""

    kind: str = "existing"
    suffix: str = "~"

    def name(self, fs: UnionFilesystem, path: str) -> str:
        """Return the name (str) that the file ``path`` (str) is kept under.

        >>> from course.layers.layer import Layer
        >>> fs = UnionFilesystem([Layer.of({"/a": "", "/b": "", "/b.~1~": ""})])
        >>> Backups().name(fs, "/a"), Backups().name(fs, "/b")
        ('/a~', '/b.~2~')
        """
        if self.kind == "simple":
            return path + self.suffix
        try:
            names = fs.listdir(above(path))
        except OSError:
            names = []
        pattern = re.compile(rf"{re.escape(last(path))}\.~(\d+)~")
        numbers = [int(match[1]) for match in map(pattern.fullmatch, names) if match]
        if self.kind == "existing" and not numbers:
            return path + self.suffix
        return f"{path}.~{max(numbers, default=0) + 1}~"


def chosen(found: Iterable[tuple[str, str]]) -> Backups | None:
    """Return the Backups that options (pairs of str) ask for, or None.  Raises Usage."""
    kind, suffix = "", "~"
    for option, value in found:
        if option in ("-b", "--backup"):
            kind = choice("backup type", value, KINDS) if value else kind or "existing"
        elif option in ("-S", "--suffix"):
            kind, suffix = kind or "existing", value if value and "/" not in value else suffix
    return Backups(kind, suffix) if kind not in ("", "none") else None


def check(kept: Backups | None, existing: str) -> None:
    """Raise Usage if files are both kept and not overwritten ("skip", str)."""
    if kept and existing == "skip":
        raise Usage("options --backup and --no-clobber are mutually exclusive")
