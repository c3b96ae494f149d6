"""``docker build``: the context is read, the engine builds, and what the builder said is printed."""

import posixpath
from collections.abc import Iterable
from typing import Any

from course.engine.build.context import sent_size
from course.engine.build.refusal import DockerfileError
from course.engine.build.steps import Built
from course.engine.command_line.kinds import TRUE
from course.engine.command_line.pulling import with_names
from course.engine.command_line.task import DAEMON, ClientError, Task, encoded, with_value
from course.engine.command_line.units import size
from course.errors import DockerError, ImageError
from course.layers.layer import Layer
from course.processes.runtime import STDERR
from course.words import _

DOCKERFILE = "Dockerfile"


def build(task: Task) -> None:
    """Carry out ``docker build``: as docker 20.10's classic builder does, or as BuildKit if DOCKER_BUILDKIT is 1."""
    if task.world.environment.get("DOCKER_BUILDKIT") in TRUE:
        _build_by_buildkit(task)
        return
    options = _options(task)
    context, options["file"], options["dockerfile"] = _source(task)
    quiet = bool(task.option("quiet"))
    if not quiet:
        task.write(encoded(f"Sending build context to Docker daemon  {size(sent_size(context), 4):>7}\r\r\n"))
    try:
        built = task.engine.build(context, **options)
    except DockerError as error:
        raise _refused(task, error, quiet) from error
    task.write(encoded("" if quiet else built.output))
    _hand_over(task, built)


def _build_by_buildkit(task: Task) -> None:
    """Carry out ``docker build`` as BuildKit does, which reports on standard error: as with ``--progress=plain``."""
    quiet = bool(task.option("quiet"))
    try:
        context, file, dockerfile = _source(task, is_told_by_engine=True)
        built = task.engine.build(context, file=file, dockerfile=dockerfile, builder="buildkit", **_options(task))
    except DockerError as error:
        for so_far in error.done:
            task.write(encoded(so_far.output if isinstance(so_far, Built) and not quiet else ""), STDERR)
        reason = f"failed to solve: {error.buildkit}" if isinstance(error, DockerfileError) else str(error)
        raise ClientError(f"ERROR: {reason}") from error
    task.write(encoded("" if quiet else built.output), STDERR)
    _hand_over(task, built)


def _options(task: Task) -> dict[str, Any]:
    options = task.options("tag", "target", "no_cache", "pull", "squash")
    asked = [with_value(text, task.world.environment) for text in task.option("build_arg", ())]
    arguments = _pairs(text for text in asked if "=" in text)
    return {**options, "build_arg": arguments, "label": _pairs(task.option("label", ()))}


def _hand_over(task: Task, built: Built) -> None:
    if task.option("iidfile"):
        task.world.write(task.option("iidfile"), [built.id.encode()])
    if task.option("quiet"):
        task.say(built.id)


def _pairs(texts: Iterable[str]) -> dict[str, str]:
    return {name: value for name, _equals, value in (text.partition("=") for text in texts)}


def _refused(task: Task, error: DockerError, quiet: bool) -> ClientError:
    """Return a refusal as docker's client tells it: what goes wrong in a step has the status of that step's program."""
    for so_far in error.done:
        if isinstance(so_far, Built):
            task.write(encoded("" if quiet else so_far.output))
    if error.kept:
        return ClientError(with_names(str(error)), error.status)
    if not isinstance(error, DockerfileError):
        return ClientError(DAEMON + with_names(str(error)))
    meant = "\n" + _("Did you mean {right}?").format(right=error.suggestion) if error.suggestion else ""
    is_of_line = error.docker.startswith(("dockerfile parse error", "no build stage", "the Dockerfile"))
    return ClientError(f"{DAEMON}{'' if is_of_line else 'failed to parse Dockerfile: '}{error.docker}{meant}")


def _source(task: Task, *, is_told_by_engine: bool = False) -> tuple[Layer, str, str | None]:
    """Return the context (Layer), the Dockerfile's name in it (str) and its text (str).  Raises DockerError.

    The text is None if there is none and ``is_told_by_engine`` says that this is the engine's to refuse (bool).
    """
    folder, file = task.operands[0], task.option("file", "")
    if "://" in folder:
        raise ClientError(_("a build from an address is not simulated here: give a folder"))
    if folder == "-":
        return _from_input(task, file)
    if file == "-":
        return task.world.context(folder, DOCKERFILE), DOCKERFILE, _text(task.stdin or b"")
    if task.world.is_directory(folder) is not True:
        raise ClientError(f'unable to prepare context: path "{folder}" not found')
    place = task.world.absolute(file or posixpath.join(folder, DOCKERFILE))
    text: str | None = None
    try:
        text = _text(task.world.read(place))
    except OSError as error:
        if not is_told_by_engine:
            raise ClientError(
                f"unable to prepare context: unable to evaluate symlinks in Dockerfile path: lstat {place}: "
                f"{(error.strerror or '').lower()}"
            ) from error
    root = task.world.absolute(folder)
    name = place[len(root.rstrip("/")) + 1 :] if place.startswith(root.rstrip("/") + "/") else posixpath.basename(place)
    try:
        return task.world.context(folder, name), name, text
    except DockerfileError as error:
        raise ClientError(str(error)) from error


def _from_input(task: Task, file: str) -> tuple[Layer, str, str]:
    """Return what a build takes from standard input: a Dockerfile alone, or a context as a tar."""
    from course.transport.plain_tar import read_tar
    from course.union.view import UnionView

    data, name = task.stdin or b"", file or DOCKERFILE
    try:
        context = read_tar(data, "-")
    except ImageError:
        return Layer.of({DOCKERFILE: data}), DOCKERFILE, _text(data)
    try:
        return context, name, _text(UnionView([context]).read(f"/{name}"))
    except OSError as error:
        raise DockerError(f"Cannot locate specified Dockerfile: {name}") from error


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")
