"""A Dockerfile becomes a graph of operations, before any of them is carried out.

Rule: buildkit, frontend/dockerfile/dockerfile2llb/convert.go.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from course.engine.build.dockerfile import Dockerfile, parse_instruction
from course.engine.build.graph import Graph, Vertex
from course.engine.build.here_documents import here_document
from course.engine.build.history import SHELL, buildkit_history, command_line
from course.engine.build.instruction import Instruction
from course.engine.build.request import SCRATCH, Request
from course.engine.build.variables import Variables, expanded
from course.engine.changing import applied, pairs
from course.engine.configuring import PATH
from course.errors import DockerError
from course.layers.config import ImageConfig
from course.layers.image import Image
from course.layers.reference import InvalidReference, Reference
from course.processes.simulated.signals import number as signal
from course.words import _

if TYPE_CHECKING:
    from course.engine.build.building import Building

WITH_LAYER = ("ADD", "COPY", "RUN", "WORKDIR")
NOTHING = Image(ImageConfig.make([]), ())
VARIABLE = re.compile(r"'[^']*'|\\.|\$(?:(\w+)|\{(\w+)\})", re.DOTALL)


class DefinitionError(DockerError):
    """A Dockerfile of which no graph can be made: docker's words, and the wrong ``instruction`` (Instruction).

    ``image`` is the image that could not be had (str), and ``reason`` is why (str), if it was that.
    """

    def __init__(self, message: str, instruction: Instruction, image: str = "", reason: str = "") -> None:
        super().__init__(message)
        self.instruction, self.image, self.reason = instruction, image, reason


@dataclass
class Defined:
    """A stage as far as it is defined: the image that it began with, and what its instructions make of it.

    ``last`` is the number of its last operation (int; -1: none), ``run`` how to run the image (dict), ``history`` each
    line of the history that the stage adds, and whether it has a layer (list of pairs).
    """

    number: int
    image: Image
    run: dict[str, Any]
    variables: Variables
    last: int = -1
    author: str = ""
    has_command: bool = False
    history: list[tuple[str, bool]] = field(default_factory=list)
    counted: int = 0
    total: int = 0


class Definition:
    """The graph of a build as it grows: ``vertices`` (list of Vertex), and the ``stages`` it needs (by number)."""

    def __init__(self, engine: "Building", dockerfile: Dockerfile, request: Request) -> None:
        self._engine, self._dockerfile, self._request = engine, dockerfile, request
        self._first = Variables.of_build(request.build_arg, dockerfile.arguments)
        self._images: dict[str, int] = {}
        self._under_way: set[int] = set()
        self._context = -1
        self.vertices: list[Vertex] = []
        self.stages: dict[int, Defined] = {}

    @property
    def graph(self) -> Graph:
        """The operations (Graph)."""
        return Graph(tuple(self.vertices))

    def build(self, target: int) -> Defined:
        """Return the stage ``target`` (int), defined with all that it needs, the first stage first (Defined).

        Raises DefinitionError.
        """
        needed, todo = set[int](), [target]
        while todo:
            number = todo.pop()
            if number not in needed:
                needed.add(number)
                todo += self._needed_by(number)
        for number in sorted(needed):
            self.stage(number)
        return self.stages[target]

    def _needed_by(self, number: int) -> list[int]:
        stage = self._dockerfile.stages[number]
        base = expanded(stage.start, self._first.get_first, self._dockerfile.escape).arguments[0]
        found = [None if base.isdigit() else self._dockerfile.stage(base, number)]
        for step in stage.instructions:
            if step.flag("from"):
                found.append(self._dockerfile.stage(step.flag("from"), len(self._dockerfile.stages)))
        return [each for each in found if each is not None]

    def stage(self, number: int) -> Defined:
        """Return stage ``number`` (int), defined with all that it needs (Defined).  Raises DefinitionError."""
        if number not in self.stages:
            if number in self._under_way:
                raise DockerError(f"circular dependency detected on stage: {self._dockerfile.stages[number].name}")
            self._under_way.add(number)
            self.stages[number] = self._defined(number)
        return self.stages[number]

    def _called(self, number: int) -> str:
        stages = self._dockerfile.stages
        return "" if len(stages) == 1 else stages[number].name or f"stage-{number}"

    def _defined(self, number: int) -> Defined:
        stage = self._dockerfile.stages[number]
        base = expanded(stage.start, self._first.get_first, self._dockerfile.escape).arguments[0]
        earlier = None if base.isdigit() else self._dockerfile.stage(base, number)
        if earlier is not None:
            before = self.stage(earlier)
            defined = replace(before, number=number, run=dict(before.run), history=list(before.history), counted=0)
        else:
            image = NOTHING if base == SCRATCH else self._looked_up(base, stage.start)
            run = dict(image.config.run)
            if "PATH" not in pairs(run.get("Env") or ()):
                run["Env"] = [*(run.get("Env") or ()), PATH]
            if base == SCRATCH:
                run["WorkingDir"] = "/"
            defined = Defined(number, image, run, self._first, author=image.config.author)
        defined.has_command = False
        defined.variables = self._first.in_stage(pairs(defined.run["Env"]))
        instructions = [*map(parse_instruction, defined.run.pop("OnBuild", None) or []), *stage.instructions]
        begins = earlier is None and base != SCRATCH
        defined.total = begins + sum(instruction.keyword in WITH_LAYER for instruction in instructions)
        if begins:
            self._begin(defined, base, stage.start)
        for instruction in instructions:
            try:
                self._add(defined, instruction)
            except DefinitionError:
                raise
            except DockerError as error:
                raise DefinitionError(getattr(error, "docker", str(error)), instruction) from error
        return defined

    def _looked_up(self, name: str, instruction: Instruction) -> Image:
        try:
            full = str(Reference.parse(name).tagged)
        except InvalidReference as error:
            raise DefinitionError(f'failed to parse stage name "{name}": {error}', instruction) from error
        try:
            return self._engine.image_to_build_on(name, self._request).image
        except DockerError as error:
            message = f"{name}: failed to resolve source metadata for {full}: {error}"
            raise DefinitionError(message, instruction, full, str(error)) from error

    def _new(self, vertex: Vertex) -> int:
        level = max((self.vertices[each].level + 1 for each in vertex.inputs), default=0)
        self.vertices.append(replace(vertex, number=len(self.vertices), level=level))
        return len(self.vertices) - 1

    def _head(self, defined: Defined) -> str:
        """Return what stands before an operation's instruction: ``[build 2/7]``, ``[build  2/10]``."""
        defined.counted += 1
        name = self._called(defined.number)
        return f"[{name}{' ' * bool(name)}{defined.counted:{len(str(defined.total))}}/{defined.total}]"

    def _begin(self, defined: Defined, name: str, start: Instruction) -> None:
        identity = defined.image.image_id
        text = f"{self._head(defined)} FROM {Reference.parse(name).tagged}"
        if identity not in self._images:
            self._images[identity] = self._new(Vertex(0, text, stage=defined.number, instruction=start, image=identity))
        defined.last = self._images[identity]

    def _add(self, defined: Defined, instruction: Instruction) -> None:
        """Add what an instruction does: an operation, or a change of how the image is run."""
        values = defined.variables.get
        step = expanded(instruction, values, self._dockerfile.escape)
        if step.keyword == "ARG":
            defined.variables = defined.variables.declared(step)
        elif step.keyword == "ENV":
            defined.variables = defined.variables.with_environment(dict(step.pairs))
        elif step.keyword == "MAINTAINER":
            defined.author = step.arguments[0]
        elif step.keyword == "STOPSIGNAL" and not signal(step.arguments[0]):
            raise DockerError(f"invalid signal: {step.arguments[0]}")
        elif step.keyword == "RUN" and not (step.arguments or step.is_exec):
            step = replace(step, arguments=("",))
        defined.run = applied(defined.run, step, has_command=defined.has_command)
        if step.keyword in ("CMD", "ENTRYPOINT"):
            defined.run["ArgsEscaped"] = True
            defined.has_command = defined.has_command or step.keyword == "CMD"
        arguments = {name: values(name) or "" for name in defined.variables.arguments} if step.keyword == "RUN" else {}
        directory = defined.run.get("WorkingDir") or "/"
        shell, user = defined.run.get("Shell") or SHELL, defined.run.get("User") or ""
        if step.keyword != "ONBUILD":  # of which BuildKit's history says nothing
            text = buildkit_history(step, shell, arguments, directory)
            defined.history.append((text, step.keyword in WITH_LAYER))
        if step.keyword in WITH_LAYER:
            source = self._source(defined, step) if step.keyword in ("ADD", "COPY") else -1
            text = f"{self._head(defined)} {_shown(instruction, values)}"
            defined.last = self._new(
                Vertex(0, text, defined.last, source, 0, defined.number, step, "", directory, user=user)
                if step.keyword != "RUN"
                else self._run(defined, step, text, arguments)
            )

    def _run(self, defined: Defined, step: Instruction, text: str, arguments: Mapping[str, str]) -> Vertex:
        if step.flag("mount"):
            raise DockerError(_("the simulator does not know RUN --mount yet; copy the files."))
        given = [f"{name}={value}" for name, value in defined.variables.build_arguments.items()]
        return Vertex(
            0,
            text,
            defined.last,
            stage=defined.number,
            instruction=step,
            directory=defined.run.get("WorkingDir") or "/",
            environment=(*defined.run["Env"], *given),
            words=command_line(step, defined.run.get("Shell") or SHELL),
            user=defined.run.get("User") or "",
            arguments=arguments,
        )

    def _source(self, defined: Defined, step: Instruction) -> int:
        """Return the operation whose files a COPY takes (int): the end of another stage, an image, or the context."""
        origin = step.flag("from")
        if not origin:
            if all(map(here_document, step.arguments[:-1])):
                return -1
            if self._context < 0:
                self._context = self._new(Vertex(0, "[internal] load build context"))
            return self._context
        number = self._dockerfile.stage(origin, len(self._dockerfile.stages))
        if number is not None:
            return self.stage(number).last
        image = self._looked_up(origin, step)
        if image.image_id not in self._images:
            text = f"FROM {Reference.parse(origin).tagged}"
            self._images[image.image_id] = self._new(Vertex(0, text, instruction=step, image=image.image_id))
        return self._images[image.image_id]


def _shown(instruction: Instruction, values: Callable[[str], str | None]) -> str:
    """Return an instruction as BuildKit prints it (str): variables replaced, and quotes kept."""
    word, _space, rest = instruction.text.partition(" ")
    text = VARIABLE.sub(lambda found: (values(found[1] or found[2]) or "") if found[1] or found[2] else found[0], rest)
    for document in instruction.here_documents:
        text = re.sub(rf"<<-?(['\"]?){re.escape(document.name)}\1", f"<<{document.name}", text)
    if instruction.keyword == "RUN" and instruction.here_documents:
        first, *more = instruction.here_documents[0].data.strip().split("\n")
        text += f" ({first}{'...' * bool(more)})"
    return f"{word.upper()} {text}".rstrip(" ")
