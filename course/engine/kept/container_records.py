"""A container on disk: docker's own two documents, and the little that they have no place for under one more key.

``config.v2.json`` and ``hostconfig.json`` are as docker writes them; the key ``Course`` of the first holds the rest:

- ``Config``: what the container's config says and docker's ``Config`` does not show; ``Absent``: the names that docker
  shows, though the config does not have them;
- ``Ports``: which ports are published where (docker keeps what was asked for, and exposed ports in ``Config``);
- ``Mounts``: of each mount, in their order, its mode as it was given, whether the volume was to get the image's files,
  whether nobody named it, whether a place on the host is made; of one that ``MountPoints`` leaves out, what that would
  say;
- ``Aliases``: the names in predefined networks, for which docker has none;
- ``Again``: when its restart policy will start it next (nanoseconds since 1970).
"""

from collections.abc import Mapping
from typing import Any

from course.engine.container_documents import host_config, mount
from course.engine.dates import moment
from course.engine.disk.containers import config_document
from course.engine.kept.fields import Fields
from course.engine.records import Container, Endpoint, HostConfig, MountPoint, Network, State, Status
from course.errors import InvalidDocument
from course.layers.layer import Layer
from course.processes.runtime import Output
from course.union.read_write_layer import ReadWriteLayer
from course.words import _, shown

OWN = "Course"


def documents(
    container: Container, networks: Mapping[str, Network], root: str
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return ``config.v2.json`` and ``hostconfig.json`` of a container (pair of dict).

    ``networks`` are those that there are (mapping of name to Network), ``root`` is the store's directory (str).
    """
    config = config_document(container, networks, "overlay2", container.image, root)
    return {**config, OWN: _own(container, config)}, host_config(container)


def _own(container: Container, config: dict[str, Any]) -> dict[str, Any]:
    run, places = config["Config"], config["NetworkSettings"]["Networks"]
    mounts = {}
    for point in container.mounts:
        mounts[point.destination] = {} if point.destination in config["MountPoints"] else mount(point)
        mounts[point.destination] |= {
            "Mode": point.mode,
            "Copied": point.is_copied_into,
            "Anonymous": point.is_anonymous,
            "Made": point.is_made,
        }
    return {
        "Config": {name: value for name, value in container.config.items() if name not in run or run[name] != value},
        "Absent": [name for name in run if name not in container.config],
        "Ports": {port: list(places) for port, places in container.host.ports.items()},
        "Mounts": mounts,
        "Aliases": {
            name: list(place.aliases)
            for name, place in container.networks.items()
            if (places[name]["Aliases"] or []) != list(place.aliases)
        },
        "Again": container.state.again,
    }


def container_of(
    config: dict[str, Any],
    host: dict[str, Any],
    where: str,
    layers: tuple[Layer, ...],
    written: ReadWriteLayer,
    log: tuple[Output, ...],
) -> Container:
    """Return the Container that its two documents tell of (dict each), with what lies elsewhere.

    ``where`` names the directory in messages (str).  Raises InvalidDocument.
    """
    fields = Fields(config, f"{where}/config.v2.json")
    own = fields.inner(OWN, required=True)
    run = fields.inner("Config", required=True)
    absent = own.texts("Absent")
    said = {name: value for name, value in config["Config"].items() if name not in absent}
    container = Container(
        id=fields.text("ID", required=True),
        name=fields.text("Name", required=True).removeprefix("/"),
        image=fields.text("Image"),
        image_name=run.text("Image"),
        layers=layers,
        created=_moment(fields, "Created"),
        config=said | own.whole("Config"),
        written=written,
        host=_host_config(Fields(host, f"{where}/hostconfig.json"), own),
        state=_state(fields, own),
        mounts=_mounts(fields, own),
        networks=_endpoints(fields, own),
        log=log,
    )
    _check_config(Fields(dict(container.config), f"{where}/config.v2.json, Config"))
    return container


def _check_config(run: Fields) -> None:
    """Raise InvalidDocument if the config is not what the engine counts on."""
    for name in ("Cmd", "Entrypoint", "Env", "Shell", "OnBuild"):
        run.texts(name)
    for name in ("User", "WorkingDir", "StopSignal"):
        run.text(name)
    for name in ("ExposedPorts", "Volumes", "Healthcheck"):
        run.whole(name)
    run.mapping("Labels")
    run.text("Hostname", required=True)
    run.number("StopTimeout")
    if not run.texts("Cmd") and not run.texts("Entrypoint"):
        raise InvalidDocument(_("{where}: says of no program what to run.").format(where=run.where))


def _state(fields: Fields, own: Fields) -> State:
    found = fields.inner("State", required=True)
    started = _moment(found, "StartedAt")
    flags = {"Paused": Status.PAUSED, "Restarting": Status.RESTARTING, "Running": Status.RUNNING, "Dead": Status.DEAD}
    otherwise = Status.EXITED if started else Status.CREATED
    return State(
        status=next((status for name, status in flags.items() if found.flag(name)), otherwise),
        pid=found.number("Pid"),
        exit_code=found.number("ExitCode"),
        error=found.text("Error"),
        started=started,
        finished=_moment(found, "FinishedAt"),
        restarts=fields.number("RestartCount"),
        again=own.number("Again"),
        stopped_by_hand=fields.flag("HasBeenManuallyStopped"),
    )


def _moment(fields: Fields, name: str) -> int:
    return max(moment(fields.text(name)), 0)  # before 1970: docker's "never"


def _host_config(host: Fields, own: Fields) -> HostConfig:
    policy = host.inner("RestartPolicy")
    count = policy.number("MaximumRetryCount")
    ports = own.inner("Ports")
    return HostConfig(
        auto_remove=host.flag("AutoRemove"),
        binds=host.texts("Binds"),
        tmpfs=host.mapping("Tmpfs"),
        network=host.text("NetworkMode"),
        ports={port: ports.texts(port) for port in own.whole("Ports")},
        publish_all=host.flag("PublishAllPorts"),
        memory=host.number("Memory"),
        memory_swap=host.number("MemorySwap"),
        memory_reservation=host.number("MemoryReservation"),
        cpus=host.number("NanoCpus") / 1e9,
        pids_limit=host.number("PidsLimit"),
        read_only=host.flag("ReadonlyRootfs"),
        init=host.flag("Init"),
        privileged=host.flag("Privileged"),
        cap_add=host.texts("CapAdd"),
        cap_drop=host.texts("CapDrop"),
        restart=policy.text("Name") + (f":{count}" if count else ""),
        extra_hosts=host.texts("ExtraHosts"),
        volumes_from=host.texts("VolumesFrom"),
    )


def _mounts(fields: Fields, own: Fields) -> tuple[MountPoint, ...]:
    known = fields.whole("MountPoints")
    points = []
    for destination, more in own.each("Mounts"):
        point = fields.inner("MountPoints").inner(destination) if destination in known else more
        points.append(
            MountPoint(
                kind=_kind(point.text("Type"), fields.where),
                destination=destination,
                name=point.text("Name"),
                source=point.text("Source"),
                read_only=not point.flag("RW"),
                mode=more.text("Mode"),
                is_copied_into=more.flag("Copied"),
                is_anonymous=more.flag("Anonymous"),
                is_made=more.flag("Made"),
            )
        )
    return tuple(points)


def _kind(text: str, where: str) -> str:
    if text not in ("volume", "bind", "tmpfs"):
        raise InvalidDocument(
            _("{where}: a mount is of the kind '{kind}', which is none of docker's.").format(
                where=where, kind=shown(text)
            )
        )
    return text


def _endpoints(fields: Fields, own: Fields) -> dict[str, Endpoint]:
    aliases = own.inner("Aliases")
    return {
        name: Endpoint(
            address=place.text("IPAddress"),
            mac=place.text("MacAddress"),
            aliases=aliases.texts(name) or place.texts("Aliases"),
            wanted=place.inner("IPAMConfig").text("IPv4Address"),
        )
        for name, place in fields.inner("NetworkSettings").each("Networks")
    }
