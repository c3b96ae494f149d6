"""Networks: which containers can reach each other, by which addresses and names.  The simulator moves no packets."""

import ipaddress
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from course.engine.base import command
from course.engine.filters import Filters
from course.engine.finding import beginning_with
from course.engine.records import Container, Endpoint, Network
from course.engine.volumes import Volumes
from course.errors import DockerError

PREDEFINED = {"bridge": "bridge", "host": "host", "none": "null"}
POOL = [f"172.{second}.0.0/16" for second in range(17, 32)]  # moby, libnetwork/ipamutils
PORT = re.compile(r"(?:(?P<host_ip>[0-9.]+):)?(?:(?P<host>[0-9-]*):)?(?P<port>[0-9-]+)(?:/(?P<protocol>\w+))?")


class Networks(Volumes):
    """Makes, lists and removes networks, and connects containers to them."""

    def _prepare(self) -> None:
        super()._prepare()
        with self.store.transaction():
            for name, driver in PREDEFINED.items():
                subnet = POOL[0] if driver == "bridge" else ""
                network = Network(self.new_id(), name, self.clock.now, driver, subnet, _gateway(subnet))
                self.store.put("networks", name, network)

    # docker network

    @command
    def network_create(
        self,
        name: str,
        *,
        driver: str = "bridge",
        subnet: str = "",
        gateway: str = "",
        label: Iterable[str] = (),
        internal: bool = False,
    ) -> str:
        """Make a network and return its id (str).  Raises DockerError: the name or the subnet is taken, or cannot be one."""
        if name in self.networks:
            raise DockerError(f"network with name {name} already exists")
        if driver not in ("bridge",):
            raise DockerError(
                f'only one instance of "{driver}" network is allowed'
                if driver in ("host", "null")
                else f'plugin "{driver}" not found'
            )
        taken = {network.subnet for network in self.networks.values()}
        if subnet:
            try:
                wanted = ipaddress.ip_network(subnet, strict=False)
            except ValueError as error:
                raise DockerError(f"invalid CIDR address: {subnet}") from error
            if any(wanted.overlaps(ipaddress.ip_network(other)) for other in taken if other):
                raise DockerError("Pool overlaps with other one on this address space")
        else:
            subnet = next((pool for pool in POOL if pool not in taken), "")
            if not subnet:
                raise DockerError(
                    "could not find an available, non-overlapping IPv4 address pool among the defaults to assign to the "
                    "network"
                )
        labels = {text.partition("=")[0]: text.partition("=")[2] for text in label}
        network = Network(
            self.new_id(), name, self.clock.now, driver, subnet, gateway or _gateway(subnet), labels, internal
        )
        self.store.put("networks", name, network)
        return network.id

    def network(self, word: str) -> Network:
        """Return the network that ``word`` (str) means: its name, its id or the beginning of it.  Raises DockerError."""
        if word in self.networks:
            return self.networks[word]
        by_id = {network.id: network for network in self.networks.values()}
        found = beginning_with(word, by_id)
        if len(found) > 1:
            raise DockerError(f"network {word} is ambiguous ({len(found)} matches found based on ID prefix)")
        if not found:
            raise DockerError(f"network {word} not found")
        return by_id[found[0]]

    def network_ls(self, *, filter: Sequence[str] = ()) -> list[Network]:  # noqa: A002 (docker's own name)
        """Return the networks (list of Network) that the ``filter`` takes, by name.  Raises DockerError."""
        wanted = Filters.parse(filter, {"driver", "id", "label", "name", "type", "dangling"})
        found = [self.networks[name] for name in sorted(self.networks)]
        if wanted["driver"]:
            found = [network for network in found if network.driver in wanted["driver"]]
        if wanted["name"]:
            found = [network for network in found if any(part in network.name for part in wanted["name"])]
        if wanted["id"]:
            found = [network for network in found if any(network.id.startswith(part) for part in wanted["id"])]
        for kind in wanted["type"]:
            found = [network for network in found if (network.name in PREDEFINED) is (kind == "builtin")]
        return [network for network in found if wanted.matches_labels(network.labels)]

    @command
    def network_rm(self, *names: str) -> list[str]:
        """Remove networks (str each); return what they were called.  Raises DockerError: one is in use, or predefined."""

        def remove(word: str) -> str:
            network = self.network(word)
            if network.name in PREDEFINED:
                raise DockerError(f"{network.name} is a pre-defined network and cannot be removed")
            if self.members(network.name):
                raise DockerError(
                    f"error while removing network: network {network.name} id {network.id} has active endpoints"
                )
            self.store.remove("networks", network.name)
            return word

        return self.each(names, remove)

    @command
    def network_prune(self, *, filter: Sequence[str] = ()) -> list[str]:  # noqa: A002 (docker's own name)
        """Remove the networks that no container is in, and return their names (list of str)."""
        wanted = Filters.parse(filter, {"label", "label!", "until"})
        used = {name for container in self.containers.values() for name in container.networks}
        gone = [
            network.name
            for network in self.networks.values()
            if network.name not in PREDEFINED
            and network.name not in used
            and wanted.matches_labels(network.labels)
            and wanted.is_before(network.created, self.clock.now)
        ]
        for name in gone:
            self.store.remove("networks", name)
        return gone

    def members(self, name: str) -> list[Container]:
        """Return the running containers that are in the network ``name`` (str; list of Container)."""
        return [
            container for container in self.containers.values() if container.is_running and name in container.networks
        ]

    @command
    def network_connect(self, network: str, container: str, *, alias: Sequence[str] = (), ip: str = "") -> None:
        """Put ``container`` (str) into another ``network`` (str).  Raises DockerError."""
        record, found = self.container(container), self.network(network)
        if found.driver in ("host", "null") or any(self.networks[name].driver == "host" for name in record.networks):
            raise DockerError("container cannot be disconnected from host network or connected to host network")
        if found.name in record.networks:
            raise DockerError(f"endpoint with name {record.name} already exists in network {found.name}")
        endpoint = self._endpoint(found, record, alias, ip)
        self.change(record, networks={**record.networks, found.name: endpoint})

    @command
    def network_disconnect(self, network: str, container: str, *, force: bool = False) -> None:
        """Take ``container`` (str) out of ``network`` (str).  Raises DockerError: it is not in it."""
        found, record = self.network(network), self.container(container)
        if found.name not in record.networks:
            raise DockerError(f"container {record.id} is not connected to network {found.name}")
        self._free(found.name, record.networks[found.name])
        self.change(record, networks={name: place for name, place in record.networks.items() if name != found.name})

    # a container's place

    def endpoints(
        self, container: Container, network: str, aliases: Sequence[str], address: str
    ) -> Mapping[str, Endpoint]:
        """Return a new container's place in the network it asks for (mapping of name to Endpoint).  Raises DockerError."""
        if network.startswith("container:"):
            self.container(network.partition(":")[2])
            return {}  # the network of another container is its whole place
        found = self.network("bridge" if network == "default" else network)
        if aliases and found.name in PREDEFINED:
            raise DockerError("network-scoped alias is supported only for containers in user defined networks", 125)
        return {found.name: self._endpoint(found, container, aliases, address)}

    def _endpoint(self, network: Network, container: Container, aliases: Sequence[str], address: str) -> Endpoint:
        """Return a container's place in ``network`` (Endpoint): it gets an address while it runs."""
        if address and not network.subnet:
            raise DockerError("user specified IP address is supported on user defined networks only", 125)
        endpoint = Endpoint("", "", (*aliases, container.id[:12]), address)
        return self._addressed(network, endpoint) if container.is_running else endpoint

    def _addressed(self, network: Network, endpoint: Endpoint) -> Endpoint:
        """Return ``endpoint`` (Endpoint) with the address it asks for, or the first free one.  Raises DockerError."""
        if not network.subnet:
            return endpoint
        used = self._addresses(network.name)
        if endpoint.wanted in used:
            raise DockerError("Address already in use", 125)
        hosts = map(str, ipaddress.ip_network(network.subnet).hosts())
        chosen = endpoint.wanted or next(text for text in hosts if text != network.gateway and text not in used)
        self.store.put("machine", f"addresses in {network.name}", used | {chosen})
        mac = "02:42:" + ":".join(f"{int(part):02x}" for part in chosen.split("."))
        return replace(endpoint, address=chosen, mac=mac)

    def _addresses(self, network: str) -> frozenset[str]:
        return self.store.tables["machine"].get(f"addresses in {network}", frozenset())  # type: ignore[no-any-return]

    def join_networks(self, container: Container) -> Container:
        """Give ``container`` (Container), which is about to run, its addresses."""
        places = {name: self._addressed(self.networks[name], place) for name, place in container.networks.items()}
        return self.change(container, networks=places)

    def leave_networks(self, container: Container) -> Container:
        """Take the addresses of ``container`` (Container), which has ended, back."""
        for name, place in container.networks.items():
            self._free(name, place)
        places = {name: replace(place, address="", mac="") for name, place in container.networks.items()}
        return self.change(container, networks=places)

    def _free(self, network: str, place: Endpoint) -> None:
        if place.address:
            self.store.put("machine", f"addresses in {network}", self._addresses(network) - {place.address})

    def ports(
        self, config: Mapping[str, Any], publish: Sequence[str], expose: Sequence[str], publish_all: bool
    ) -> Mapping[str, tuple[str, ...]]:
        """Return which of a container's ports are published where (``80/tcp`` -> tuple of ``address:port``).

        With ``publish_all`` (bool) all that it exposes are.

        Raises DockerError: a port is none, or another container has the host's.
        """
        published: dict[str, tuple[str, ...]] = {}
        for text in publish:
            match = PORT.fullmatch(text)
            if not match or not all(0 < int(n) < 65536 for n in (match["host"] or "", match["port"]) if n.isdecimal()):
                raise DockerError(
                    f'invalid argument "{text}" for "-p, --publish" flag: Invalid containerPort: {text}', 125
                )
            key = f"{match['port']}/{match['protocol'] or 'tcp'}"
            host = match["host"] or str(32768 + len(published))
            place = f"{match['host_ip'] or '0.0.0.0'}:{host}"  # noqa: S104 (what docker does)
            published[key] = (*published.get(key, ()), place)
        for text in expose:
            published.setdefault(text if "/" in text else f"{text}/tcp", ())
        for text in config.get("ExposedPorts") or {}:
            published.setdefault(text, ())
        for number, text in enumerate(sorted(published) if publish_all else ()):
            published[text] = published[text] or (f"0.0.0.0:{32768 + number}",)
        return published


def _gateway(subnet: str) -> str:
    return str(next(ipaddress.ip_network(subnet).hosts())) if subnet else ""
