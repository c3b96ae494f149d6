"""What is wrong with a Dockerfile, in docker's own words."""

from course.errors import DockerError
from course.words import _


class DockerfileError(DockerError):
    """A Dockerfile that docker would refuse.

    ``reason`` is docker's sentence (str), ``line`` where it holds (int, from 1; 0 for the file as a whole), ``file``
    the Dockerfile's name (str), ``suggestion`` the right word that is nearest to a wrong one (str), or empty.
    ``with_line`` tells whether docker itself names the line (bool).  ``docker`` is what docker 20.10 says (str),
    ``buildkit`` what BuildKit says (str).

    >>> print(DockerfileError("unknown instruction: RUM", 3, suggestion="RUN"))
    Dockerfile:3: dockerfile parse error line 3: unknown instruction: RUM; did you mean RUN?
    """

    def __init__(
        self, reason: str, line: int = 0, file: str = "Dockerfile", suggestion: str = "", with_line: bool = True
    ) -> None:
        self.reason, self.line, self.file, self.suggestion = reason, line, file, suggestion
        self.docker = f"dockerfile parse error line {line}: {reason}" if with_line and line else reason
        hint = f" (did you mean {suggestion}?)" if suggestion else ""
        told = reason.replace(f" ({file})", "").replace("Unknown flag", "unknown flag")
        self.buildkit = f"dockerfile parse error on line {line}: {told}{hint}" if with_line and line else told
        place = f"{file}:{line}" if line else file
        meant = _("; did you mean {word}?").format(word=suggestion) if suggestion else ""
        super().__init__(f"{place}: {self.docker}{meant}")


class ContextError(DockerError):
    """A build context that cannot be read."""


class CopyError(DockerError):
    """A COPY or ADD that docker would refuse: ``str`` gives the classic builder's words, ``buildkit`` BuildKit's."""

    def __init__(self, classic: str, buildkit: str = "") -> None:
        self.buildkit = buildkit or classic
        super().__init__(classic)
