"""BuildKit's way to build: each operation of the graph is carried out or found in the cache; the end is one image.

Rule: buildkit, solver, and exporter/containerimage/writer.go.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from course.engine.build.cache import Memory, checksums, text_of
from course.engine.build.copying import copied
from course.engine.build.defining import Defined, Definition, DefinitionError
from course.engine.build.dockerfile import Dockerfile
from course.engine.build.graph import Vertex
from course.engine.build.instruction import Instruction
from course.engine.build.making import layer_with_directory, layer_with_files
from course.engine.build.plain import Plain, excerpt
from course.engine.build.refusal import CopyError, DockerfileError
from course.engine.build.request import STEP, Request
from course.engine.build.sandbox import run_apart
from course.engine.build.sources import Source, checksum, sources
from course.engine.build.steps import BuildStep, Built, Key, Probe
from course.engine.dates import date
from course.errors import DockerError
from course.layers.config import ImageConfig, Step
from course.layers.image import Image
from course.layers.layer import Layer
from course.layers.reference import Reference
from course.processes.runtime import STDERR, Output, StartError
from course.union.view import UnionView

if TYPE_CHECKING:
    from course.engine.build.building import Building

NO_USER = 125  # status of a StartError that does not come from runc
COMMENT = "buildkit.dockerfile.v0"


@dataclass(frozen=True, slots=True)
class Result:
    """What an operation brought: its ``key`` in the cache (str), the ``layer`` (Layer, or None: no files yet).

    ``created`` is when it was carried out (str, RFC 3339).
    """

    key: str
    layer: Layer | None
    created: str = ""

    @property
    def layers(self) -> tuple[Layer, ...]:
        """All layers from the lowest up (tuple of Layer)."""
        return self.layer.stack if self.layer else ()


class OperationError(DockerError):
    """An operation that failed: what BuildKit prints of it, and before that in its last line."""

    def __init__(self, message: str, prefix: str = "", output: Sequence[Output] = ()) -> None:
        super().__init__(message)
        self.prefix, self.output = prefix, tuple(output)


class GraphBuild:
    """One build by BuildKit."""

    def __init__(
        self, engine: "Building", dockerfile: Dockerfile, context: Layer, request: Request, source: str
    ) -> None:
        self._engine, self._request, self._source = engine, request, source
        self._context = UnionView([context])
        self._definition = Definition(engine, dockerfile, request)
        self._memory = Memory(engine.store, "buildkit", dockerfile.steps)
        self._results: dict[int, Result] = {}
        self._missed: set[int] = set()
        self._steps: list[BuildStep] = []
        self._plain = Plain()

    def build(self, target: int, names: Sequence[str]) -> Built:
        """Build stage ``target`` (int), give the image its ``names`` (sequence of str), and return what came of it.

        Raises DockerError.
        """
        plain, definition = self._plain, self._definition
        plain.begin(self._request.file, self._source)
        try:
            stage = definition.build(target)
        except DefinitionError as error:
            plain.look_up([vertex.name.partition("FROM ")[2] for vertex in definition.vertices if vertex.image])
            if error.image:
                plain.start(name := f"[internal] load metadata for {error.image}")
                plain.fail(name, error.reason)
            raise self._refused(str(error), error.instruction) from error
        except DockerfileError as error:
            raise self._refused(error.buildkit, Instruction("FROM", start=error.line, end=error.line)) from error
        vertices = sorted(definition.vertices, key=lambda vertex: (vertex.level, vertex.stage, vertex.number))
        images = [vertex.name.partition("FROM ")[2] for vertex in vertices if vertex.image]
        plain.look_up(images)
        plain.ignore(self._context)
        for vertex in vertices:
            plain.start(vertex.name)
            began = self._engine.clock.now
            try:
                self._solve(vertex)
            except OperationError as error:
                self._fail(vertex, error, began)
        identity = self._exported(stage)
        plain.export(identity, stage.last >= 0, [str(Reference.parse(name)).removesuffix(":latest") for name in names])
        for name in names:
            self._engine.give_name(identity, name)
        tags = tuple(names)
        return Built(identity, tags, tuple(self._steps), plain.text, definition.graph)

    def _refused(self, message: str, instruction: Instruction) -> DockerError:
        self._plain.add(excerpt(self._source, instruction, self._request.file))
        so_far = Built("", (), tuple(self._steps), self._plain.text, self._definition.graph)
        return DockerError(f"failed to solve: {message}", kept=True, done=[so_far])

    def _fail(self, vertex: Vertex, error: OperationError, began: int) -> None:
        self._plain.fail(vertex.name, str(error), error.output, began)
        assert vertex.instruction is not None  # noqa: S101 (the others cannot fail)
        raise self._refused(f"{error.prefix}{error}", vertex.instruction) from error

    # One operation

    def _solve(self, vertex: Vertex) -> None:
        if vertex.image:
            self._begin(vertex)
            return
        if vertex.instruction is None:
            self._plain.context(self._context)
            return
        base = self._results[vertex.base] if vertex.base >= 0 else Result("", None)
        found = self._found(vertex, vertex.instruction)
        key = _key(vertex, vertex.instruction, base.key, found)
        told = self._told(vertex, vertex.instruction, base.key, found)
        known: Result | None = self._engine.store.tables["cache"].get(f"operation {key}")
        output: tuple[Output, ...] = ()
        if known and not self._request.no_cache:
            probe, result = self._memory.hit(told), known
            self._plain.cached()
        else:
            above = bool(self._missed.intersection(vertex.inputs[:1] if vertex.base >= 0 else ()))
            probe = self._memory.miss(told, no_cache=self._request.no_cache, above=above)
            self._missed.add(vertex.number)
            began = self._engine.clock.now
            layer, output = self._carried_out(vertex, vertex.instruction, base.layers, found)
            self._engine.pass_time(self._engine.clock.now + STEP)
            result = Result(key, layer, date(self._engine.clock.now))
            self._engine.store.put("cache", f"operation {key}", result)
            self._plain.done(output, began, self._engine.clock.now)
        self._results[vertex.number] = result
        self._keep(vertex, probe, result.layer, output)

    def _begin(self, vertex: Vertex) -> None:
        """Take an image's layers: what is known of them is their chain_id alone, not how the image is run."""
        layers = self._engine.images_by_id[vertex.image].image.layers
        key = _digest(["image", layers[-1].chain_id if layers else ""])
        self._results[vertex.number] = Result(key, layers[-1] if layers else None)
        if self._memory.knows(key):
            self._plain.cached()
        else:
            self._plain.done((), 0, 0)
        self._keep(vertex, self._memory.base(vertex.name.partition("FROM ")[2], key), None, ())

    def _keep(self, vertex: Vertex, probe: Probe, layer: Layer | None, output: Sequence[Output]) -> None:
        assert vertex.instruction is not None  # noqa: S101 (the build context is no step)
        heard = "".join(part.data.decode("utf-8", "surrogateescape") for part in output)
        self._steps.append(
            BuildStep(self._plain.number, vertex.stage, vertex.instruction, probe, "", layer, vertex.name, heard)
        )

    def _found(self, vertex: Vertex, instruction: Instruction) -> list[Source]:
        """Return the files that an operation copies (list of Source)."""
        if instruction.keyword not in ("ADD", "COPY"):
            return []
        view = self._context
        if instruction.flag("from"):
            view = UnionView(self._results[vertex.source].layers if vertex.source >= 0 else ())
        try:
            return sources(instruction, view, bool(instruction.flag("from")), buildkit=True)
        except CopyError as error:
            prefix = "" if instruction.flag("from") else "failed to compute cache key: "
            raise OperationError(error.buildkit, prefix) from error

    def _told(self, vertex: Vertex, instruction: Instruction, base: str, found: list[Source]) -> Key:
        settings = {"Env": list(vertex.environment), "User": vertex.user} if vertex.words else {}
        return Key(
            base,
            text_of(instruction),
            vertex.arguments,
            checksums(found),
            {**settings, "WorkingDir": vertex.directory},
        )

    def _carried_out(
        self, vertex: Vertex, instruction: Instruction, layers: tuple[Layer, ...], found: list[Source]
    ) -> tuple[Layer, tuple[Output, ...]]:
        """Carry out an operation; return the layer that it brings, and what it wrote."""
        clock = self._engine.clock
        if instruction.keyword == "RUN":
            return self._run(vertex, layers)
        try:
            if instruction.keyword == "WORKDIR":
                return layer_with_directory(layers, vertex.directory, clock, vertex.user), ()
            files = copied(instruction, found, UnionView(layers), vertex.directory, clock.now, buildkit=True)
            return layer_with_files(layers, files, clock), ()
        except CopyError as error:
            raise OperationError(error.buildkit) from error
        except DockerError as error:
            raise OperationError(str(error)) from error

    def _run(self, vertex: Vertex, layers: tuple[Layer, ...]) -> tuple[Layer, tuple[Output, ...]]:
        config = {
            "Cmd": list(vertex.words),
            "Env": list(vertex.environment),
            "WorkingDir": vertex.directory,
            "User": vertex.user,
        }
        process = f'process "{" ".join(vertex.words)}" did not complete successfully'
        try:
            container = run_apart(self._engine, layers, config)
        except StartError as error:
            if error.status == NO_USER:
                raise OperationError(f"{process}: {error}") from error
            reason = str(error).rpartition("runc create failed: ")[2].removesuffix(": unknown")
            said = Output(self._engine.clock.now, STDERR, f"runc run failed: {reason}\n".encode())
            raise OperationError(f"{process}: exit code: 1", output=[said]) from error
        if container.state.exit_code:
            raise OperationError(f"{process}: exit code: {container.state.exit_code}", output=container.log)
        return container.written.freeze(layers[-1] if layers else None), container.log

    # The image

    def _exported(self, stage: Defined) -> str:
        """Make the image of a stage, and return its id (str)."""
        result = self._results[stage.last] if stage.last >= 0 else Result("", None)
        layers, base = result.layers, stage.image.config
        times = {result.layer.chain_id: result.created for result in self._results.values() if result.layer}
        new = iter(layers[len(stage.image.layers) :])
        added = [
            Step(text, times[next(new).chain_id] if has_layer else "", comment=COMMENT, empty_layer=not has_layer)
            for text, has_layer in stage.history
        ]
        history = _with_times([*base.history, *added])
        run = dict(stage.run)
        if self._request.label:
            run["Labels"] = {**(run.get("Labels") or {}), **self._request.label}
        created = history[-1].created if history else ""
        config = ImageConfig.make(
            [layer.diff_id for layer in layers], history, run, base.architecture, created, stage.author
        )
        return self._engine.add_image(Image(config, layers))


def _key(vertex: Vertex, instruction: Instruction, base: str, found: Sequence[Source]) -> str:
    """Return what the cache knows an operation by (str): only what can change its files counts."""
    if instruction.keyword == "RUN":
        return _digest([base, "RUN", vertex.words, vertex.environment, vertex.directory, vertex.user])
    if instruction.keyword == "WORKDIR":
        return _digest([base, "WORKDIR", vertex.directory, vertex.user])
    flags = [instruction.flag(name) for name in ("chown", "chmod")]
    files = [(source.name, checksum([source])) for source in found]
    return _digest([base, instruction.keyword, vertex.directory, instruction.arguments[-1], flags, files])


def _digest(parts: Sequence[object]) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _with_times(history: Sequence[Step]) -> list[Step]:
    """Return a history whose steps without a time have that of the layer before, or else of the first new layer."""
    time, gap = "", False
    for step in history:
        if step.created:
            time = step.created
            if gap:
                break
        else:
            gap = True
    filled, gap = list[Step](), False
    for step in history:
        if not step.created:
            gap = True
            step = replace(step, created=time)
        elif gap:
            time = step.created
        filled.append(step)
    return filled
