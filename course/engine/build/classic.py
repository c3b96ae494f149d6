"""The classic builder: run, modify, commit, one step after the other, and an image for each.

Rule: moby 20.10, builder/dockerfile/dispatchers.go, internals.go and imageprobe.go.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from course.engine.build.cache import Memory, checksums, not_asked, text_of
from course.engine.build.copying import copied
from course.engine.build.dockerfile import Dockerfile, Stage, parse_instruction
from course.engine.build.history import SHELL, classic_history, command_line
from course.engine.build.instruction import Instruction
from course.engine.build.making import is_empty, layer_with_directory, layer_with_files
from course.engine.build.prober import Prober, noted, settings_of
from course.engine.build.refusal import DockerfileError
from course.engine.build.request import SCRATCH, STEP, Request
from course.engine.build.sources import checksum, sources
from course.engine.build.steps import BuildStep, Built, Key, Probe
from course.engine.build.variables import PREDEFINED, Variables, expanded
from course.engine.changing import applied, pairs
from course.engine.committing import VERSION
from course.engine.configuring import PATH
from course.engine.dates import date
from course.engine.records import HostConfig, StoredImage
from course.errors import DockerError
from course.layers.config import ImageConfig, Step
from course.layers.image import Image
from course.layers.layer import Layer
from course.processes.runtime import STDERR, Output
from course.processes.simulated.signals import SIGKILL, number
from course.union.view import UnionView

if TYPE_CHECKING:
    from course.engine.build.building import Building

NOTHING = Image(ImageConfig.make([]), ())


@dataclass
class Place:
    """Where a build is: the image so far, how it is to be run, and the variables of the stage.

    ``misses`` is whether a step of the stage was not in the cache, so that none behind it is looked up (bool).
    """

    stage: int
    id: str
    image: Image
    run: dict[str, Any]
    variables: Variables
    author: str = ""
    has_command: bool = False
    misses: bool = False
    history: str = ""
    layer: Layer | None = None
    heard: str = ""
    probe: Probe = field(default_factory=not_asked)


class ClassicBuild:
    """One build by the classic builder: ``steps`` is what was done so far, ``said`` what docker has printed of it."""

    def __init__(self, engine: "Building", dockerfile: Dockerfile, context: Layer, request: Request) -> None:
        self._engine, self._dockerfile, self._request = engine, dockerfile, request
        self._context = UnionView([context])
        self._memory = Memory(engine.store, "classic", dockerfile.steps)
        self._prober = Prober(engine.images_by_id.values())
        self._ends: list[str] = []  # the image that each stage ended in
        self.steps: list[BuildStep] = []
        self.said: list[str] = []

    def build(self, stages: Sequence[Stage], names: Sequence[str]) -> Built:
        """Carry out ``stages`` (sequence of Stage), give the image its ``names`` (sequence of str); return the Built.

        Raises DockerError, in docker's words.
        """
        try:
            identity, base = self._carried_out(_labelled(stages, self._request.label))
        except DockerError as error:
            message = error.docker if isinstance(error, DockerfileError) else str(error)
            so_far = Built("", (), tuple(self.steps), "".join(self.said))
            raise DockerError(message, error.status, kept=True, done=[so_far]) from error
        if self._request.squash:
            identity = self._engine.squash(identity, base)
        self._say(f"Successfully built {identity[7:19]}")
        for name in names:
            self._engine.give_name(identity, name)
            self._say(f"Successfully tagged {name}")
        return Built(identity, tuple(names), tuple(self.steps), "".join(self.said))

    def _carried_out(self, stages: Sequence[Stage]) -> tuple[str, str]:
        """Carry out the stages; return the id of the image, and of the one that its stage began with."""
        variables = Variables.of_build(self._request.build_arg, self._dockerfile.arguments)
        total = len(self._dockerfile.arguments) + sum(1 + len(stage.instructions) for stage in stages)
        at = 0
        for argument in self._dockerfile.arguments:
            at += 1
            self._say(f"Step {at}/{total} : {argument.text}")
            self.steps.append(BuildStep(at, -1, argument, not_asked()))
        place, base = None, ""
        for stage_number, stage in enumerate(stages):
            names = [each.name for each in stages[:stage_number] if each.name]
            if stage.name in names:
                raise DockerError(f"{stage.name} stage name already used")
            at += 1
            self._say(f"Step {at}/{total} : {stage.start.text}")
            place = self._begun(stage_number, stage, variables, at)
            base = place.id
            self._say(f" ---> {place.id[7:19]}")
            for instruction in stage.instructions:
                at += 1
                self._say(f"Step {at}/{total} : {instruction.text}")
                self._carry_out(place, instruction, at)
                self._say(f" ---> {place.id[7:19]}")
            self._ends.append(place.id)
        if place is None or not place.id:
            raise DockerError("No image was generated. Is your Dockerfile empty?")
        self._warn_of_unused(stages)
        return place.id, base

    def _say(self, line: str) -> None:
        self.said.append(line + "\n")

    def _warn_of_unused(self, stages: Sequence[Stage]) -> None:
        steps = [*self._dockerfile.arguments, *(step for stage in stages for step in stage.instructions)]
        used = {word.partition("=")[0] for step in steps if step.keyword == "ARG" for word in step.arguments}
        unused = [name for name in self._request.build_arg if name not in used and name not in PREDEFINED]
        if unused:
            self._say(f"[Warning] One or more build-args [{' '.join(sorted(unused))}] were not consumed")

    # A stage

    def _begun(self, stage_number: int, stage: Stage, variables: Variables, at: int) -> Place:
        name = expanded(stage.start, variables.get_first, self._dockerfile.escape).arguments[0]
        earlier = self._dockerfile.stage(name, stage_number) if not name.isdigit() else None
        if earlier is not None:
            identity = self._ends[earlier]
        elif name == SCRATCH:
            identity = ""
        else:
            identity = self._engine.image_to_build_on(name, self._request).id
        image = self._engine.images_by_id[identity].image if identity else NOTHING
        run = dict(image.config.run)
        if "PATH" not in pairs(run.get("Env") or ()):
            run["Env"] = [*(run.get("Env") or ()), PATH]
        triggers = run.pop("OnBuild", None) or []
        place = Place(stage_number, identity, image, run, variables.in_stage(pairs(run["Env"])))
        self.steps.append(BuildStep(at, stage_number, stage.start, self._memory.base(name, identity), identity))
        if triggers:
            self._say(f"# Executing {len(triggers)} build trigger{'s' * (len(triggers) > 1)}")
        for trigger in triggers:
            self._carry_out(place, parse_instruction(trigger), at)
        return place

    def _carry_out(self, place: Place, instruction: Instruction, at: int) -> None:
        place.history, place.layer, place.heard = "", None, ""
        step = expanded(instruction, place.variables.get, self._dockerfile.escape)
        flags = [name for name, _value in step.flags if step.keyword == "RUN" or name in ("chmod", "link", "parents")]
        if flags:
            raise DockerError(
                f"the --{flags[0]} option requires BuildKit. Refer to https://docs.docker.com/go/buildkit/ to learn "
                "how to build images with BuildKit enabled"
            )
        if step.keyword == "RUN":
            self._run(place, step)
        elif step.keyword in ("ADD", "COPY"):
            self._copy(place, step)
        else:
            self._note(place, step)
        self.steps.append(
            BuildStep(at, place.stage, step, place.probe, place.id, place.layer, place.history, place.heard)
        )

    # The three kinds of steps

    def _note(self, place: Place, step: Instruction) -> None:
        """Carry out what changes how the image is run; WORKDIR makes a directory as well."""
        shell = place.run.get("Shell") or SHELL
        if step.keyword == "STOPSIGNAL" and not number(step.arguments[0]):
            raise DockerError(f"Invalid signal: {step.arguments[0]}")
        place.run = applied(place.run, step, has_command=place.has_command)
        if step.keyword == "ARG":
            place.variables = place.variables.declared(step)
        elif step.keyword == "ENV":
            place.variables = place.variables.with_environment(dict(step.pairs))
        elif step.keyword == "MAINTAINER":
            place.author = step.arguments[0]
        elif step.keyword == "CMD":
            place.has_command = place.has_command or bool(step.arguments)
        elif step.keyword == "SHELL":
            shell = place.run["Shell"]
        directory = place.run.get("WorkingDir", "") if step.keyword == "WORKDIR" else ""
        place.history = classic_history(step, shell, working_directory=directory)
        key = Key(place.id, text_of(step), settings=settings_of(place.run))
        probed = {**place.run, "Cmd": noted(place.history, shell)}
        if self._is_known(place, key, probed):
            return
        container = self._engine.new_id()
        self._say(f" ---> Running in {container[:12]}")
        if directory:
            layer = layer_with_directory(place.image.layers, directory, self._engine.clock)
            place.layer = None if is_empty(layer) else layer
        self._commit(place, probed, container)
        self._say(f"Removing intermediate container {container[:12]}")

    def _copy(self, place: Place, step: Instruction) -> None:
        origin = step.flag("from")
        found = sources(step, self._view_of(origin, place.stage) if origin else self._context, bool(origin))
        shell = place.run.get("Shell") or SHELL
        place.history = classic_history(step, shell, checksum(found, bool(origin)))
        key = Key(place.id, text_of(step), files=checksums(found), settings=settings_of(place.run))
        probed = {**place.run, "Cmd": noted(place.history, shell)}
        if self._is_known(place, key, probed):
            return
        layers = place.image.layers
        directory = place.run.get("WorkingDir") or "/"
        files = copied(step, found, UnionView(layers), directory, self._engine.clock.now)
        layer = layer_with_files(layers, files, self._engine.clock)
        place.layer = None if is_empty(layer) else layer
        self._commit(place, probed, "")

    def _view_of(self, origin: str, stage: int) -> UnionView:
        earlier = self._dockerfile.stage(origin, stage)
        if earlier is not None:
            identity = self._ends[earlier]
            return UnionView(self._engine.images_by_id[identity].image.layers if identity else ())
        try:
            return UnionView(self._engine.image_to_build_on(origin, self._request).image.layers)
        except DockerError as error:
            raise DockerError(f"invalid from flag value {origin}: {error}") from error

    def _run(self, place: Place, step: Instruction) -> None:
        words = command_line(step, place.run.get("Shell") or SHELL)
        arguments = place.variables.build_arguments
        place.history = classic_history(step, place.run.get("Shell") or SHELL, arguments=arguments)
        shown = [f"|{len(arguments)}", *(f"{name}={value}" for name, value in arguments.items())] if arguments else []
        run = {name: value for name, value in place.run.items() if name != "Entrypoint"}
        probed = {**run, "Cmd": [*shown, *words]}
        key = Key(place.id, text_of(step), arguments, settings=settings_of(place.run))
        if self._is_known(place, key, probed):
            return
        given = {name: value for name, value in place.variables.given.items() if name in PREDEFINED}
        more = [f"{name}={value}" for name, value in {**given, **arguments}.items()]
        config = {**run, "Cmd": list(words), "Env": [*run["Env"], *more]}
        config.pop("Healthcheck", None)
        container = self._ran(place, config)
        self._commit(place, probed, container)
        self._say(f"Removing intermediate container {container[:12]}")

    def _ran(self, place: Place, config: dict[str, Any]) -> str:
        """Run a container to its end, take what it has written as the layer, and remove it; return its id."""
        engine = self._engine
        stored = engine.images_by_id.get(place.id) or StoredImage(NOTHING)
        container = engine.made(stored, place.id, config, HostConfig())
        self._say(f" ---> Running in {container.id[:12]}")
        networks = engine.endpoints(container, "default", (), "")
        mounts = engine.mount_points(container, stored, (), ())
        try:
            engine.start_process(engine.change(container, image=place.id, networks=networks, mounts=mounts))
        except DockerError as error:
            raise DockerError(str(error)) from error
        if not engine.wait_until(lambda: not engine.containers[container.id].is_running):
            engine.kill(container.id, signal=str(SIGKILL))
        container = engine.containers[container.id]
        place.heard = "".join(part.data.decode("utf-8", "surrogateescape") for part in container.log)
        self.said += map(_printed, container.log)
        if container.state.exit_code:
            raise DockerError(
                f"The command '{' '.join(config['Cmd'])}' returned a non-zero code: {container.state.exit_code}",
                container.state.exit_code,
            )
        layer = container.written.freeze(place.image.top)
        place.layer = None if is_empty(layer) else layer
        engine.remove(container, volumes=True)
        return container.id

    # The cache, and what it is made of

    def _is_known(self, place: Place, key: Key, probed: Mapping[str, Any]) -> bool:
        """Tell whether an image of this step is there (bool), and go on to it."""
        if not (place.misses or self._request.no_cache):
            known = self._prober.child(place.id, probed)
            if known:
                self._say(" ---> Using cache")
                place.id, place.image, place.probe = known.id, known.image, self._memory.hit(key)
                return True
        place.probe = self._memory.miss(key, no_cache=self._request.no_cache, above=place.misses)
        place.misses = True
        return False

    def _commit(self, place: Place, container_config: Mapping[str, Any], container: str) -> None:
        """Make the image of a step."""
        engine = self._engine
        engine.pass_time(engine.clock.now + STEP)
        step = Step(place.history, date(engine.clock.now), place.author)
        parent = {"Image": place.id} if place.id else {}  # as docker has it in both configs
        more: dict[str, Any] = {"container_config": {**container_config, **parent}, "docker_version": VERSION}
        more |= {"container": container} if container else {}
        image = place.image.with_layer(place.layer, step, {**place.run, **parent}, more)
        identity = engine.add_image(image, place.id, container)
        stored = engine.images_by_id[identity]
        self._prober.add(stored)
        place.id, place.image = identity, stored.image


def _labelled(stages: Sequence[Stage], labels: Mapping[str, str]) -> tuple[Stage, ...]:
    """Return the stages, with a LABEL at the end of the last one for each label that the command line gives."""
    texts = [f"{name}={value}" for name, value in sorted(labels.items())]
    more = (Instruction("LABEL", (text,), text=f"LABEL {text}") for text in texts)
    return (*stages[:-1], Stage(stages[-1].start, (*stages[-1].instructions, *more)))


def _printed(part: Output) -> str:
    """Return what docker prints of a container's output: its standard error in red."""
    text = part.data.decode("utf-8", "surrogateescape")
    return f"\x1b[91m{text}\x1b[0m" if part.stream == STDERR else text
