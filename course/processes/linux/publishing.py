"""Why a port cannot be published for real, in docker's words where docker has some, and what is said when it is."""

import errno
from pathlib import Path

from course.errors import DockerError
from course.words import _

FIRST_FREE = Path("/proc/sys/net/ipv4/ip_unprivileged_port_start")  # the lowest port that is not root's (ip(7))


def refused(error: OSError, name: str, endpoint: str, place: str) -> DockerError:
    """Return what docker says (DockerError) when the host's port cannot be had.

    ``error`` (OSError) is what ``forwarding.listen`` raised, ``name`` the container's (str), ``endpoint`` the id of its
    place in the network (str), ``place`` the host's address and port (str).  Rule: moby, libnetwork/portmapper.

    >>> print(refused(OSError(errno.EADDRINUSE, ""), "web", "c0ffee", "127.0.0.1:8080"))
    driver failed programming external connectivity on endpoint web (c0ffee): Error starting userland proxy: listen tcp4 127.0.0.1:8080: bind: address already in use
    """  # noqa: E501 (docker's own line)
    port = place.rpartition(":")[2]
    if error.errno == errno.EACCES:
        reason = _(
            "port {port} of this machine is kept for root: choose one from {first} on, such as 8080, and leave the "
            "container's as it is"
        ).format(port=port, first=FIRST_FREE.read_text().strip())
    else:
        words = {errno.EADDRINUSE: "address already in use", errno.EADDRNOTAVAIL: "cannot assign requested address"}
        said = words.get(error.errno or 0, (error.strerror or "").lower())
        reason = f"Error starting userland proxy: listen tcp4 {place}: bind: {said}"
    return DockerError(f"driver failed programming external connectivity on endpoint {name} ({endpoint}): {reason}")


def check_protocol(port: str) -> None:
    """Refuse what is not forwarded: ``port`` (str, ``53/udp``) of another protocol than TCP.  Raises DockerError."""
    if not port.endswith("/tcp"):
        raise DockerError(
            _(
                "port {port} cannot be published: only TCP is forwarded here; containers in one network can use it"
            ).format(port=port)
        )


def notice(address: str) -> str:
    """Return what a learner is told (str) who has published on an ``address`` (str) beyond the loopback; or nothing.

    >>> notice("0.0.0.0") and notice("127.0.0.1")
    ''
    """
    if address.startswith("127."):
        return ""
    return _("published on 127.0.0.1, not on {address}: what runs here can be reached from this machine only").format(
        address=address
    )
