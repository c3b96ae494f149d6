"""The commands on volumes and networks."""

from collections.abc import Mapping

from course.engine.command_line.prompting import confirmed, reclaimed
from course.engine.command_line.rows import network_row, volume_row
from course.engine.command_line.tables import NETWORKS, VOLUMES
from course.engine.command_line.task import ClientError, Task
from course.engine.engine import Engine
from course.errors import DockerError


def volume_create(task: Task) -> None:
    """Carry out ``docker volume create``."""
    pairs: Mapping[str, str] = task.option("opt", {})
    opt = [f"{name}={value}" for name, value in pairs.items()]
    task.say(task.engine.volume_create(*task.operands, opt=opt, **task.options("label", "driver")))


def volume_ls(task: Task) -> None:
    """Carry out ``docker volume ls``."""
    rows = [volume_row(volume, task.engine.source_of(volume)) for volume in task.engine.volume_ls(filter=task.filters)]
    task.table(VOLUMES, rows, task.option("format", "") or (VOLUMES.quiet if task.option("quiet") else ""))


def volume_rm(task: Task) -> None:
    """Carry out ``docker volume rm``."""
    names, refusals = task.each(lambda: task.engine.volume_rm(*task.operands, **task.options("force")))
    task.done(names, [_missing(message) for message in refusals], "No such volume")


def _missing(message: str) -> str:
    """Return a refusal (str) as docker's client words it for what is not there (str)."""
    if message.startswith("get ") and message.endswith(": no such volume"):
        return f"No such volume: {message[4:-16]}"
    if message.startswith("network ") and message.endswith(" not found"):
        return f"No such network: {message[8:-10]}"
    return message


def volume_prune(task: Task) -> None:
    """Carry out ``docker volume prune``: docker 20.10 takes all volumes that no container has."""
    wanted = task.filters
    if not confirmed(task, "This will remove all local volumes not used by at least one container."):
        reclaimed(task, 0)
        return
    sizes = volume_sizes(task.engine)
    gone = task.engine.volume_prune(all=True, filter=wanted)
    if gone:
        task.say("\n".join(["Deleted Volumes:", *gone, ""]))
    reclaimed(task, sum(sizes[name] for name in gone))


def volume_sizes(engine: Engine) -> dict[str, int]:
    """Return the bytes in each volume (dict by name)."""
    return {name: engine.store.tables["trees"][f"volume:{name}"].freeze().size for name in engine.volumes}


def network_create(task: Task) -> None:
    """Carry out ``docker network create``."""
    options = task.options("driver", "label", "internal")
    for name in ("subnet", "gateway"):
        if given := task.option(name):
            options[name] = given[0]
    try:
        task.say(task.engine.network_create(task.operands[0], **options))
    except DockerError as error:
        if str(error).startswith("no matching subnet"):
            raise ClientError(str(error)) from error
        raise


def network_ls(task: Task) -> None:
    """Carry out ``docker network ls``."""
    truncate = not task.option("no_trunc")
    rows = [network_row(network, truncate) for network in task.engine.network_ls(filter=task.filters)]
    task.table(NETWORKS, rows, task.option("format", "") or (NETWORKS.quiet if task.option("quiet") else ""))


def network_rm(task: Task) -> None:
    """Carry out ``docker network rm``."""
    names, refusals = task.each(lambda: task.engine.network_rm(*task.operands))
    task.done(names, [_missing(message) for message in refusals], "No such network")


def network_connect(task: Task) -> None:
    """Carry out ``docker network connect``."""
    task.engine.network_connect(*task.operands, **task.options("alias", "ip"))


def network_disconnect(task: Task) -> None:
    """Carry out ``docker network disconnect``."""
    task.engine.network_disconnect(*task.operands, **task.options("force"))


def network_prune(task: Task) -> None:
    """Carry out ``docker network prune``."""
    wanted = task.filters
    if not confirmed(task, "This will remove all custom networks not used by at least one container."):
        return
    gone = task.engine.network_prune(filter=wanted)
    if gone:
        task.say("\n".join(["Deleted Networks:", *gone, ""]))
