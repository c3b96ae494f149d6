"""``-p``: which port of a container is published where on the host.  Rule: docker/go-connections, nat/nat.go."""

import ipaddress
import re
from collections.abc import Iterator
from dataclasses import dataclass

from course.errors import DockerError

ANY = "0.0.0.0"  # noqa: S104 (what docker does)
PROTOCOLS = ("tcp", "udp", "sctp")
RANGE = re.compile(r"(\d{1,5})(?:-(\d{1,5}))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Publication:
    """A port that is to be published: ``port`` is the container's (str, ``80/tcp``), ``address`` the host's (str).

    ``host`` is the host's port (str; empty: any that is free).
    """

    port: str
    address: str
    host: str


def publications(text: str) -> Iterator[Publication]:
    """Yield what ``-p text`` asks for (Publication), each port of a range on its own.  Raises DockerError.

    >>> list(publications("8080:80"))
    [Publication(port='80/tcp', address='0.0.0.0', host='8080')]
    >>> [(each.host, each.port) for each in publications("127.0.0.1:9000-9001:53-54/udp")]
    [('9000', '53/udp'), ('9001', '54/udp')]
    """
    *before, last = text.split(":")
    address, host = ":".join(before[:-1]), before[-1] if before else ""
    port, _slash, protocol = last.partition("/")
    protocol = protocol or "tcp"
    if address.count(":") and not address.startswith("["):
        raise DockerError(f"Invalid ip address {address}: address {address}:: too many colons in address", 125)
    _check_address(address.strip("[]"))
    if not port:
        raise DockerError(f"No port specified: {text}<empty>", 125)
    first, last_port = _range(port, f"Invalid containerPort: {port}")
    first_host, last_host = _range(host, f"Invalid hostPort: {host}") if host else (0, last_port - first)
    if last_port - first != last_host - first_host and first != last_port:
        raise DockerError(f"Invalid ranges specified for container and host Ports: {port} and {host}", 125)
    if protocol.lower() not in PROTOCOLS:
        raise DockerError(f"Invalid proto: {protocol}", 125)
    for number in range(last_port - first + 1):
        place = str(first_host + number) if host else ""
        yield Publication(f"{first + number}/{protocol.lower()}", address.strip("[]") or ANY, place)


def _check_address(address: str) -> None:
    try:
        ipaddress.ip_address(address or ANY)
    except ValueError as error:
        raise DockerError(f"Invalid ip address: {address}", 125) from error


def _range(text: str, refusal: str) -> tuple[int, int]:
    match = RANGE.fullmatch(text)
    first, last = (int(match[1]), int(match[2] or match[1])) if match else (1, 0)
    if not first <= last < 65536:
        raise DockerError(refusal, 125)
    return first, last
