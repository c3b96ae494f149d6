"""Volumes and networks on disk: one document each, where docker has a database for all of them."""

import ipaddress
from typing import Any

from course.engine.dates import date, moment
from course.engine.kept.fields import Fields
from course.engine.records import Network, Volume
from course.errors import InvalidDocument
from course.words import _


def volume_document(volume: Volume) -> dict[str, Any]:
    """Return what is kept of a volume besides its files (dict): what ``docker volume inspect`` says, and the course's.

    >>> volume_of(volume_document(Volume("data", 1)), "volume.json")
    Volume(name='data', created=1, labels=None, driver='local', options=None, anonymous=False)
    """
    return {
        "Name": volume.name,
        "CreatedAt": date(volume.created),
        "Driver": volume.driver,
        "Labels": volume.labels if volume.labels is None else dict(volume.labels),
        "Options": volume.options if volume.options is None else dict(volume.options),
        "Anonymous": volume.anonymous,
    }


def volume_of(document: dict[str, Any], where: str) -> Volume:
    """Return the Volume that its document (dict) tells of; ``where`` names it (str).  Raises InvalidDocument."""
    fields = Fields(document, where)
    return Volume(
        name=fields.text("Name", required=True),
        created=moment(fields.text("CreatedAt")),
        labels=None if document.get("Labels") is None else fields.mapping("Labels"),
        driver=fields.text("Driver", required=True),
        options=None if document.get("Options") is None else fields.mapping("Options"),
        anonymous=fields.flag("Anonymous"),
    )


def network_document(network: Network) -> dict[str, Any]:
    """Return what is kept of a network (dict): what ``docker network inspect`` says, and the course's.

    >>> network_of(network_document(Network("1", "back", 1)), "1.json")
    Network(id='1', name='back', created=1, driver='bridge', subnet='', gateway='', labels={}, internal=False, \
is_chosen=False)
    """
    return {
        "Name": network.name,
        "Id": network.id,
        "Created": date(network.created),
        "Driver": network.driver,
        "Subnet": network.subnet,
        "Gateway": network.gateway,
        "Internal": network.internal,
        "Labels": dict(network.labels),
        "Chosen": network.is_chosen,
    }


def network_of(document: dict[str, Any], where: str) -> Network:
    """Return the Network that its document (dict) tells of; ``where`` names it (str).  Raises InvalidDocument."""
    fields = Fields(document, where)
    subnet, gateway = fields.text("Subnet"), fields.text("Gateway")
    try:
        ipaddress.ip_network(subnet or "0.0.0.0/0", strict=False)
        ipaddress.ip_address(gateway or "0.0.0.0")  # noqa: S104 (any address)
    except ValueError as error:
        raise InvalidDocument(_("{where}: {reason}.").format(where=where, reason=error)) from error
    return Network(
        id=fields.text("Id", required=True),
        name=fields.text("Name", required=True),
        created=moment(fields.text("Created")),
        driver=fields.text("Driver", required=True),
        subnet=subnet,
        gateway=gateway,
        labels=fields.mapping("Labels"),
        internal=fields.flag("Internal"),
        is_chosen=fields.flag("Chosen"),
    )
