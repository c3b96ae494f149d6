r"""``.dockerignore``: which files of a folder do not belong to the build context.

>>> ignores = read_ignore("# comment\n*.log\nbuild\n!build/keep.txt\n")
>>> [path for path in ("a.log", "src/a.log", "build/x", "build/keep.txt") if ignores(path)]
['a.log', 'build/x']
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from posixpath import normpath

from course.engine.build.globs import ignore_matcher
from course.engine.build.refusal import DockerfileError
from course.engine.build.spaces import SPACES

FILE = ".dockerignore"


@dataclass(frozen=True, slots=True)
class Ignore:
    """The predicate that a ``.dockerignore`` is: called with a path below the context (str), it tells (bool).

    ``patterns`` are its lines, in order (tuple of pairs: whether it takes back, and the predicate of its pattern).
    The last line that matches decides; a line that matches a directory matches all that is in it.
    """

    patterns: tuple[tuple[bool, Callable[[str], bool]], ...] = ()

    def __call__(self, path: str) -> bool:
        """Tell whether ``path`` (str, such as ``src/app.py``) is left out."""
        ways = [path, *_above(path)]
        left_out = False
        for takes_back, matches in self.patterns:
            if takes_back == left_out and any(map(matches, ways)):
                left_out = not takes_back
        return left_out

    @property
    def takes_back(self) -> bool:
        """Whether a line begins with ``!``, so that files in a directory that is left out may belong to the context."""
        return any(takes_back for takes_back, _matches in self.patterns)


def read_ignore(text: str, file: str = FILE) -> Ignore:
    """Return the predicate (Ignore) that the text of a ``.dockerignore`` (str) is; ``file`` is its name (str).

    Raises DockerfileError for a pattern that is not well made.  Rule: Dockerfile reference, ".dockerignore file";
    moby's patternmatcher, ``MatchesOrParentMatches``.
    """
    return Ignore(tuple(_patterns(text.removeprefix("\ufeff").split("\n"), file)))


def ignore_names(dockerfile: str) -> tuple[str, str]:
    """Return the names of the files (two of str) that may say what to leave out; the first one that is there counts.

    >>> ignore_names("docker/Dockerfile")
    ('docker/Dockerfile.dockerignore', '.dockerignore')
    """
    return dockerfile + FILE, FILE


def _patterns(lines: Iterable[str], file: str) -> Iterator[tuple[bool, Callable[[str], bool]]]:
    for number, line in enumerate(lines, 1):
        pattern = line.rstrip("\r")
        if pattern.startswith("#") or not (pattern := pattern.strip(SPACES)):
            continue
        takes_back = pattern.startswith("!")
        pattern = pattern.removeprefix("!").strip(SPACES)
        if not pattern:
            raise DockerfileError('illegal exclusion pattern: "!"', number, file, with_line=False)
        try:
            yield takes_back, ignore_matcher(normpath(pattern).lstrip("/"))
        except ValueError as error:
            raise DockerfileError(f"error checking context: {error}", number, file, with_line=False) from None


def _above(path: str) -> list[str]:
    parts = path.split("/")
    return ["/".join(parts[:depth]) for depth in range(1, len(parts))]
