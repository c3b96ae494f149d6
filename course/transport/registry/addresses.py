"""Addresses: where a registry is, and which other places it may send its client to."""

import ipaddress
from urllib.parse import SplitResult, urljoin, urlsplit

from course.errors import RegistryError
from course.layers.reference import DOCKER_HUB, Reference
from course.words import _, shown

DOCKER_HUB_HOST = "registry-1.docker.io"  # moby's registry/config.go
PORTS = {"http": 80, "https": 443}
LONGEST_LABEL = 63  # bytes between two dots of a name: RFC 1035, section 2.3.4


def base_url(reference: Reference) -> str:
    """Return the address of the registry (str) that ``reference`` (Reference) names: HTTPS, but on this machine HTTP.

    Raises RegistryError: no machine can have such an address.

    >>> base_url(Reference.parse("greeter")), base_url(Reference.parse("localhost:5000/greeter"))
    ('https://registry-1.docker.io', 'http://localhost:5000')
    """
    host = DOCKER_HUB_HOST if reference.domain == DOCKER_HUB else reference.domain
    parts = _parts("", f"https://{host}")
    if parts is None:
        raise RegistryError(
            _("{name}: '{domain}' is no address that a registry could have.").format(
                name=reference.familiar, domain=reference.domain
            )
        )
    return f"{'http' if is_loopback(parts.hostname or '') else 'https'}://{host}"


def is_loopback(host: str) -> bool:
    """Tell (bool) whether ``host`` (str) is this machine, without asking a name server.

    Rule: docker takes 127.0.0.0/8 and ::1 for registries that need no certificate.

    >>> [is_loopback(host) for host in ("localhost", "127.3.2.1", "::1", "127.0.0.1.example.org")]
    [True, True, True, False]
    """
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def checked_url(url: str, base: str) -> str:
    """Return the address (str) that ``url`` (str), relative to ``base`` (str) perhaps, leads to.

    Raises RegistryError: it is no address, carries a user's name, or is not HTTPS: plain HTTP may only lead from this
    machine to this machine.

    >>> checked_url("/v2/", "https://registry.example/a")
    'https://registry.example/v2/'
    """
    parts = _parts(base, url)
    if parts is None or parts.username is not None:
        raise RegistryError(
            _("the registry at {base} sends its client to '{url}', which is no address.").format(
                base=shown(origin(base)), url=shown(url)[:200]
            )
        )
    local = parts.scheme == "http" and is_loopback(parts.hostname or "") and base.startswith("http:")
    if parts.scheme != "https" and not local:
        raise RegistryError(
            _("the registry at {base} sends its client to '{url}'; expected an address that begins with https.").format(
                base=shown(origin(base)), url=shown(url)[:200]
            )
        )
    return parts.geturl()


def _parts(base: str, url: str) -> SplitResult | None:
    """Return the parts of an address (SplitResult), or None if it is none that a machine could have."""
    if not url.isascii() or not url.isprintable() or " " in url:
        return None
    try:
        parts = urlsplit(urljoin(base, url))
        is_port = parts.port != 0
    except ValueError:
        return None
    labels = (parts.hostname or "").rstrip(".").split(".")
    return parts if is_port and all(0 < len(label) <= LONGEST_LABEL for label in labels) else None


def origin(url: str) -> str:
    """Return scheme, host and port of an address (str), the port always said: credentials belong to one origin.

    >>> origin("https://Registry.example/v2/"), origin("http://[::1]:5000/v2/")
    ('https://registry.example:443', 'http://[::1]:5000')
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    return f"{parts.scheme}://{f'[{host}]' if ':' in host else host}:{parts.port or PORTS[parts.scheme]}"


def same_site(one: str, other: str) -> bool:
    """Tell (bool) whether two addresses (str) have one host, or hosts in one domain, as registry and token server have.

    >>> same_site("https://registry-1.docker.io", "https://auth.docker.io/token")
    True
    >>> same_site("https://registry.example", "https://registry.example.evil.test")
    False
    """
    hosts = [urlsplit(url).hostname or "" for url in (one, other)]
    if hosts[0] == hosts[1] or all(map(is_loopback, hosts)):
        return True
    domains = [tuple(host.rstrip(".").split(".")[-2:]) for host in hosts]
    return domains[0] == domains[1] and len(domains[0]) == 2 and not domains[0][1].isdigit() and ":" not in hosts[0]
