"""The rows of docker's tables: what the engine knows of a thing, as the fields that templates ask for."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from course.engine.command_line import units
from course.engine.engine import Engine
from course.engine.finding import named
from course.engine.images import HistoryRow, ImageRow
from course.engine.ports import ANY
from course.engine.pruning import Usage
from course.engine.records import Container, Network, Volume

NONE = "<none>"
LONGEST_NAME = 45  # columns that docker history gives a command
LONGEST_MOUNT = 15


def container_row(engine: Engine, container: Container, truncate: bool = True, size: bool = False) -> dict[str, Any]:
    """Return a row of ``docker ps`` (dict).  Rule: docker/cli, cli/command/formatter/container.go."""
    now, state = engine.clock.now, container.state
    mounts = [point.name or point.source for point in container.mounts if point.kind != "tmpfs"]
    row: dict[str, Any] = {
        "ID": _id(container.id, truncate),
        "Names": container.name,
        "Image": _image_name(engine, container, truncate),
        "Command": units.command_column(container.args, truncate),
        "CreatedAt": units.moment(container.created),
        "RunningFor": units.ago(container.created, now),
        "Ports": ports(container),
        "State": state.status.value,
        "Status": units.status(state.status.value, state.exit_code, state.started, state.finished, now),
        "Labels": _labels(container.config.get("Labels") or {}),
        "Mounts": ",".join(units.shortened(name, LONGEST_MOUNT) if truncate else name for name in mounts),
        "LocalVolumes": str(sum(point.kind == "volume" for point in container.mounts)),
        "Networks": ",".join(sorted(container.networks)),
        "Size": "0B",
    }
    if size:
        written = container.written.freeze().size
        below = sum(layer.size for layer in container.layers)
        row["Size"] = units.container_size(written, written + below)
    row["Label"] = _label(container.config.get("Labels") or {})
    return row


def _image_name(engine: Engine, container: Container, truncate: bool) -> str:
    """Return the image as ``docker ps`` names it (str): as it was asked for while that name is still its own."""
    found = engine.references.get(named(container.image_name))
    if found == container.image:
        return container.image_name
    known = container.image_name.removeprefix("sha256:")
    if container.image.removeprefix("sha256:").startswith(known) and not truncate:
        return container.image
    return _id(container.image, truncate)


def ports(container: Container) -> str:
    """Return the published and exposed ports of a running container as ``docker ps`` prints them (str).

    Ports that follow one another are one item.  Rule: docker/cli, cli/command/formatter/container.go, DisplayablePorts.
    """
    if not container.is_running:
        return ""
    groups: dict[tuple[str, str], list[int]] = {}  # address and protocol -> first and last port
    done, elsewhere = list[str](), list[str]()
    for number, address, public, protocol in sorted(_publications(container)):
        if address and public != number:
            elsewhere.append(f"{address}:{public}->{number}/{protocol}")
            continue
        group = groups.setdefault((address, protocol), [number, number - 1])
        if number != group[1] + 1:
            done.append(_group(address, protocol, *group))
            group[0] = number
        group[1] = number
    return ", ".join([*done, *(_group(*key, *group) for key, group in groups.items()), *elsewhere])


def _publications(container: Container) -> Iterator[tuple[int, str, int, str]]:
    """Yield each port (int) with the host's address (str, empty: none) and port (int), and its protocol (str)."""
    for port, places in container.host.ports.items():
        number, _slash, protocol = port.partition("/")
        if not number.isdecimal():
            continue
        for address, _colon, public in (place.rpartition(":") for place in with_ipv6(places)):
            yield int(number), address, int(public), protocol
        if not places:
            yield int(number), "", 0, protocol


def with_ipv6(places: Iterable[str]) -> Iterator[str]:
    """Yield each of ``places`` on the host (str, ``address:port``), and for any address also that of IPv6."""
    for place in places:
        yield place
        if place.startswith(f"{ANY}:"):
            yield f"::{place.removeprefix(ANY)}"


def _group(address: str, protocol: str, first: int, last: int) -> str:
    text = str(first) if first == last else f"{first}-{last}"
    return f"{address}:{text}->{text}/{protocol}" if address else f"{text}/{protocol}"


def image_row(engine: Engine, row: ImageRow, truncate: bool = True) -> dict[str, Any]:
    """Return a row of ``docker images`` (dict).  Rule: docker/cli, cli/command/formatter/image.go."""
    return {
        "ID": _id(row.id, truncate),
        "Repository": row.repository,
        "Tag": row.tag,
        "Digest": row.digest,
        "CreatedSince": units.ago(row.created, engine.clock.now) if row.created else "N/A",
        "CreatedAt": units.moment(row.created),
        "Size": units.size(row.size),
        "Containers": "N/A",
        "VirtualSize": units.size(row.size),
        "SharedSize": "N/A",
        "UniqueSize": "N/A",
    }


def history_row(engine: Engine, row: HistoryRow, truncate: bool = True, human: bool = True) -> dict[str, Any]:
    """Return a row of ``docker history`` (dict).  Rule: docker/cli, cli/command/formatter/history.go."""
    command = row.created_by.replace("\t", " ")
    # a step without a date is of the year 1, and 292 years is as far back as docker can count
    since = units.ago(row.created, engine.clock.now) if row.created else "292 years ago"
    created = units.moment_of_log(row.created) if row.created else "0001-01-01T00:00:00Z"
    return {
        "ID": _id(row.id, truncate),
        "CreatedSince": since if human else created,
        "CreatedAt": created,
        "CreatedBy": units.shortened(command, LONGEST_NAME) if truncate else command,
        "Size": units.size(row.size) if human else str(row.size),
        "Comment": row.comment,
    }


def volume_row(volume: Volume, where: str) -> dict[str, Any]:
    """Return a row of ``docker volume ls`` (dict); ``where`` is the volume's place on the host (str)."""
    return {
        "Name": volume.name,
        "Driver": volume.driver,
        "Scope": "local",
        "Mountpoint": where,
        "Labels": _labels(volume.labels or {}),
        "Links": "N/A",
        "Size": "N/A",
        "Label": _label(volume.labels or {}),
    }


def network_row(network: Network, truncate: bool = True) -> dict[str, Any]:
    """Return a row of ``docker network ls`` (dict)."""
    return {
        "ID": _id(network.id, truncate),
        "Name": network.name,
        "Driver": network.driver,
        "Scope": "local",
        "IPv6": "false",
        "Internal": "true" if network.internal else "false",
        "Labels": _labels(network.labels),
        "CreatedAt": units.moment(network.created, fraction=True),
        "Label": _label(network.labels),
    }


def usage_row(usage: Usage) -> dict[str, Any]:
    """Return a row of ``docker system df`` (dict)."""
    share = f" ({usage.reclaimable * 100 // usage.size}%)" if usage.size and usage.kind != "Build Cache" else ""
    return {
        "Type": usage.kind,
        "TotalCount": str(usage.total),
        "Active": str(usage.active),
        "Size": units.size(usage.size, 4),
        "Reclaimable": units.size(usage.reclaimable, 4) + share,
    }


def _id(full: str, truncate: bool) -> str:
    return units.short_id(full) if truncate and full != "<missing>" else full


def _labels(labels: Mapping[str, str]) -> str:
    return ",".join(f"{name}={value}" for name, value in labels.items())


def _label(labels: Mapping[str, str]) -> Callable[[str], str]:
    return lambda name: labels.get(name, "")
