"""What a build is asked for, and what its Dockerfile says of it: which stages, and on which images."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from course.engine.build.dockerfile import Dockerfile, Stage, parse_dockerfile
from course.engine.build.plain import refused_at_once
from course.engine.build.refusal import DockerfileError
from course.engine.build.steps import Built
from course.engine.build.variables import Variables, expanded
from course.engine.tagging import checked_target
from course.errors import DockerError
from course.layers.layer import Layer
from course.layers.reference import InvalidReference
from course.union.view import UnionView

SCRATCH = "scratch"
STEP = 10_000_000  # nanoseconds that a step takes besides what it runs


@dataclass(frozen=True, slots=True)
class Request:
    """The options of docker build: ``file`` (str) is the Dockerfile's name, the others are those of the same name.

    ``refused`` says of images that could not be pulled why (mapping of name to str), ``buildkit`` whether BuildKit is
    to build (bool).
    """

    file: str = "Dockerfile"
    tag: tuple[str, ...] = ()
    build_arg: Mapping[str, str] = field(default_factory=dict)
    label: Mapping[str, str] = field(default_factory=dict)
    target: str = ""
    no_cache: bool = False
    squash: bool = False
    refused: Mapping[str, str] = field(default_factory=dict)
    buildkit: bool = False

    def names(self) -> list[str]:
        """Return the names that the image will have (list of str).  Raises DockerError: one cannot be a name."""
        names = []
        for text in self.tag:
            try:
                names.append(checked_target(text).familiar)
            except InvalidReference as error:
                if self.buildkit:
                    reason = str(error).removeprefix("invalid reference format: ")
                    raise DockerError(f'invalid tag "{text}": {reason}') from error
                raise DockerError(f'invalid argument "{text}" for "-t, --tag" flag: {error}', 125) from error
        return names

    def wanted(self, dockerfile: Dockerfile, source: str) -> tuple[Stage, ...]:
        """Return the stages up to the target, or all of them (tuple of Stage).  Raises DockerError: it is not there."""
        if not self.target:
            return dockerfile.stages
        found = dockerfile.stage(self.target, len(dockerfile.stages))
        if found is not None:
            return dockerfile.stages[: found + 1]
        if self.buildkit:
            so_far = Built("", (), (), refused_at_once(source, self.file))
            raise DockerError(f'failed to solve: target stage "{self.target}" could not be found', done=[so_far])
        raise DockerError(f"failed to reach build target {self.target} in Dockerfile")

    def images(self, dockerfile: Dockerfile) -> list[str]:
        """Return the images that a Dockerfile begins with or copies from (list of str)."""
        variables = Variables.of_build(self.build_arg, dockerfile.arguments)
        names: list[str] = []
        for number, stage in enumerate(dockerfile.stages):
            try:
                base = expanded(stage.start, variables.get_first, dockerfile.escape).arguments[0]
            except DockerfileError:
                continue  # which is told when its turn comes
            earlier = None if base.isdigit() else dockerfile.stage(base, number)
            names += [] if base == SCRATCH or earlier is not None else [base]
            names += [
                origin
                for origin in (step.flag("from") for step in stage.instructions)
                if origin and dockerfile.stage(origin, len(dockerfile.stages) if self.buildkit else number) is None
            ]
        return list(dict.fromkeys(names))


def parsed(context: Layer, request: Request, text: str | None) -> tuple[str, Dockerfile]:
    """Return the text of the Dockerfile (str), which is in the ``context`` if ``text`` is None, and what it says.

    Raises DockerError: it is not there, or wrong.
    """
    source = text
    if source is None:
        try:
            source = UnionView([context]).read("/" + request.file).decode("utf-8", "surrogateescape")
        except OSError as error:
            if not request.buildkit:
                raise DockerError(f"Cannot locate specified Dockerfile: {request.file}") from error
            so_far = Built("", (), (), refused_at_once(None, request.file))
            reason = f"failed to read dockerfile: open {request.file}: no such file or directory"
            raise DockerError(f"failed to solve: {reason}", done=[so_far]) from error
    try:
        dockerfile = parse_dockerfile(source, request.file)
        if not request.buildkit:
            _check_for_here_documents(dockerfile, source, request.file)
    except DockerfileError as error:
        if request.buildkit:
            error.done = [Built("", (), (), refused_at_once(source, request.file, error.line))]
        raise
    return source, dockerfile


def _check_for_here_documents(dockerfile: Dockerfile, source: str, file: str) -> None:
    """Refuse here-documents: docker 20.10 takes their first line for an instruction.  Raises DockerfileError."""
    for step in dockerfile.steps:
        if step.here_documents:
            words = source.split("\n")[step.start].split() or [""]
            raise DockerfileError(f"unknown instruction: {words[0].upper()}", step.start + 1, file)
