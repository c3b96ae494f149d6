"""The commands on the engine as a whole: ``docker system``, ``version`` and ``info``."""

from collections.abc import Mapping
from typing import Any

from course.engine.command_line.go_values import described
from course.engine.command_line.images import tell_removed
from course.engine.command_line.prompting import confirmed, reclaimed
from course.engine.command_line.rows import usage_row
from course.engine.command_line.tables import DISK_USAGE
from course.engine.command_line.task import ClientError, Task
from course.engine.command_line.template_tokens import TemplateError
from course.engine.command_line.templates import Template
from course.engine.committing import VERSION
from course.engine.dates import date
from course.engine.pruning import Pruned
from course.engine.records import Status

CANNOT_READ = 64
API = "1.41"


def df(task: Task) -> None:
    """Carry out ``docker system df``."""
    task.table(DISK_USAGE, [usage_row(usage) for usage in task.engine.system_df()], task.option("format", ""))


def prune(task: Task) -> None:
    """Carry out ``docker system prune``."""
    wanted, all_, volumes = task.filters, task.option("all", False), task.option("volumes", False)
    if volumes and "until" in task.option("filter", {}):
        raise ClientError('ERROR: The "until" filter is not supported with "--volumes"')
    lines = ["all stopped containers", "all networks not used by at least one container"]
    lines += ["all volumes not used by at least one container"] if volumes else []
    lines += ["all images without at least one container associated to them" if all_ else "all dangling images"]
    lines += ["all build cache" if all_ else "all dangling build cache"]
    warning = "This will remove:" + "".join(f"\n  - {line}" for line in lines) + "\n"
    if wanted:
        warning += "\n  Items to be pruned will be filtered with:" + "".join(f"\n  - {text}" for text in wanted) + "\n"
    if not confirmed(task, warning):
        return
    done = task.engine.system_prune(all=all_, volumes=volumes, filter=wanted)
    for head, names in (("Containers", done.containers), ("Networks", done.networks), ("Volumes", done.volumes)):
        if names:
            task.say("\n".join([f"Deleted {head}:", *names, ""]))
    tell_removed(task, Pruned(done.images, 0))
    if done.cache:
        task.say("\n".join(["Deleted build cache objects:", *done.cache, ""]))
    reclaimed(task, done.reclaimed)


def version(task: Task) -> None:
    """Carry out ``docker version``: what is here is the course's engine, with the ways of one version of docker."""
    side = {"Version": VERSION, "ApiVersion": API, "Os": "linux", "Arch": "amd64"}
    document = {
        "Client": {"Platform": {"Name": "Layer by Layer"}, **side, "DefaultAPIVersion": API, "Context": "default"},
        "Server": {"Platform": {"Name": "Layer by Layer, simulated"}, **side, "MinAPIVersion": "1.12"},
    }
    if form := task.option("format", ""):
        task.say(_rendered(form, document))
        return
    task.say(
        f"Client: Layer by Layer\n Version:           {VERSION}\n API version:       {API}\n"
        " OS/Arch:           linux/amd64\n Context:           default\n\n"
        f"Server: Layer by Layer (simulated)\n Engine:\n  Version:          {VERSION}\n"
        f"  API version:      {API} (minimum version 1.12)\n  OS/Arch:          linux/amd64"
    )


def info(task: Task) -> None:
    """Carry out ``docker info``, as far as it is true of a simulated engine."""
    engine = task.engine
    states = [container.state.status for container in engine.containers.values()]
    paused = states.count(Status.PAUSED)
    running = sum(status.is_running for status in states) - paused
    document = {
        "Containers": len(states),
        "ContainersRunning": running,
        "ContainersPaused": paused,
        "ContainersStopped": len(states) - running - paused,
        "Images": len(engine.images_by_id),
        "Driver": "overlay2",
        "ServerVersion": VERSION,
        "OperatingSystem": "Layer by Layer (simulated)",
        "OSType": "linux",
        "Architecture": "x86_64",
        "Name": "layer-by-layer",
        "DockerRootDir": engine.root,
        "SystemTime": date(engine.clock.now),
    }
    if form := task.option("format", ""):
        task.say(_rendered(form, document))
        return
    task.say(
        f"Client:\n Context:    default\n Debug Mode: false\n\nServer:\n Containers: {len(states)}\n"
        f"  Running: {running}\n  Paused: {paused}\n  Stopped: {document['ContainersStopped']}\n"
        f" Images: {document['Images']}\n Server Version: {VERSION}\n Storage Driver: overlay2\n"
        f" Operating System: {document['OperatingSystem']}\n OSType: linux\n Architecture: x86_64\n"
        f" Name: {document['Name']}\n Docker Root Dir: {document['DockerRootDir']}"
    )


def _rendered(form: str, document: Mapping[str, Any]) -> str:
    try:
        template = Template("{{json .}}" if form == "json" else form)
    except TemplateError as error:
        raise ClientError(f"template parsing error: {error}", CANNOT_READ) from None
    try:
        return template.render(described(document))
    except TemplateError as error:
        raise ClientError(f"template parsing error: {error}") from None
