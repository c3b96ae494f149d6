"""Networks: which containers can reach each other, by which addresses and names.  The simulator moves no packets."""

import ipaddress
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from course.engine.base import command
from course.engine.changing import pairs
from course.engine.filters import Filters
from course.engine.finding import beginning_with
from course.engine.ports import ANY, publications
from course.engine.records import Container, Endpoint, Network
from course.engine.volumes import Volumes
from course.errors import DockerError

PREDEFINED = {"bridge": "bridge", "host": "host", "none": "null"}
POOL = [f"172.{second}.0.0/16" for second in range(17, 32)]  # moby, libnetwork/ipamutils
FIRST_PORT = 32768  # of those that the host hands out


class Networks(Volumes):
    """Makes, lists and removes networks, and connects containers to them."""

    def _prepare(self) -> None:
        super()._prepare()
        with self.recorded():
            for name, driver in PREDEFINED.items():
                if name in self.networks:
                    continue
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
        """Make a network and return its id (str).

        Raises DockerError: the name or the subnet is taken, or cannot be one.
        """
        if name in PREDEFINED:
            raise DockerError(f"operation is not permitted on predefined {name} network")
        if name in self.networks:
            raise DockerError(f"network with name {name} already exists")
        if driver not in ("bridge",):
            raise DockerError(
                f'only one instance of "{driver}" network is allowed'
                if driver in ("host", "null")
                else f'plugin "{driver}" not found'
            )
        taken, is_chosen = {network.subnet for network in self.networks.values()}, bool(subnet)
        if subnet:
            try:
                wanted = ipaddress.ip_network(subnet if "/" in subnet else "", strict=False)
            except ValueError as error:
                raise DockerError(f"Invalid subnet {subnet} : invalid CIDR address: {subnet}") from error
            if any(wanted.overlaps(ipaddress.ip_network(other)) for other in taken if other):
                raise DockerError("Pool overlaps with other one on this address space")
            if gateway and not _is_inside(gateway, subnet):
                raise DockerError(f"no matching subnet for gateway {gateway}")
        else:
            subnet = next((pool for pool in POOL if pool not in taken), "")
            if not subnet:
                raise DockerError(
                    "could not find an available, non-overlapping IPv4 address pool among the defaults to assign to "
                    "the network"
                )
        gateway, labels = gateway or _gateway(subnet), pairs(label)
        network = Network(self.new_id(), name, self.clock.now, driver, subnet, gateway, labels, internal, is_chosen)
        self.store.put("networks", name, network)
        return network.id

    def network(self, word: str) -> Network:
        """Return the network that ``word`` (str) means: its name, its id or how that begins.  Raises DockerError."""
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
        found = [
            network for network in found if wanted.matches("name", network.name) and wanted.matches("id", network.id)
        ]
        for kind in wanted["type"]:
            if kind not in ("builtin", "custom"):
                raise DockerError(f"invalid filter: 'type'='{kind}'")
            found = [network for network in found if (network.name in PREDEFINED) is (kind == "builtin")]
        unused = wanted.flag("dangling")
        if unused is not None:  # docker 20.10 does not look for containers here
            found = [network for network in found if (network.name in PREDEFINED) is not unused]
        return [network for network in found if wanted.matches_labels(network.labels)]

    @command
    def network_rm(self, *names: str) -> list[str]:
        """Remove networks (str each); return what they were called.

        Raises DockerError: one is in use, or predefined.
        """

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
        if found.driver in ("host", "null") or any(
            self.networks[name].driver == "host" for name in record.networks if name in self.networks
        ):
            raise DockerError("container cannot be disconnected from host network or connected to host network")
        if record.host.network.startswith("container:"):
            raise DockerError(
                "container sharing network namespace with another container or host cannot be connected to any other "
                "network"
            )
        if any(self.networks[name].driver == "null" for name in record.networks if name in self.networks):
            raise DockerError(
                "container cannot be connected to multiple networks with one of the networks in private (none) mode"
            )
        if found.name in record.networks:
            raise DockerError(f"endpoint with name {record.name} already exists in network {found.name}")
        if ip and not _is_inside(ip, "0.0.0.0/0"):
            raise DockerError(f"invalid IPv4 address: {ip}")
        endpoint = Endpoint("", "", (*alias, record.id[:12]), ip)
        _check_place(found, endpoint)
        endpoint = self._addressed(found, endpoint) if record.is_running else endpoint
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
        """Return a new container's place in the network it asks for (mapping to Endpoint).  Raises DockerError."""
        if network.startswith("container:"):
            return {}  # the network of another container is its whole place
        if address and not _is_inside(address, "0.0.0.0/0"):
            raise DockerError(f"invalid IPv4 address: {address}", 125)
        if network == "default":
            aliases, address = (), ""  # docker does not look at them
        try:
            found = self.network("bridge" if network == "default" else network)
        except DockerError:  # docker finds that out when the container is to start
            return {network: Endpoint("", "", (*aliases, container.id[:12]), address)}
        return {found.name: Endpoint("", "", (*aliases, container.id[:12]), address)}

    def _addressed(self, network: Network, endpoint: Endpoint) -> Endpoint:
        """Return ``endpoint`` (Endpoint) with the address it asks for, or the first free one.  Raises DockerError."""
        _check_place(network, endpoint)
        if not network.subnet:
            return endpoint
        used = self._addresses(network.name)
        if endpoint.wanted and not _is_inside(endpoint.wanted, network.subnet):
            raise DockerError(f"Invalid address {endpoint.wanted}: It does not belong to any of this network's subnets")
        if endpoint.wanted in used:
            raise DockerError("Address already in use")
        hosts = map(str, ipaddress.ip_network(network.subnet).hosts())
        chosen = endpoint.wanted or next(text for text in hosts if text != network.gateway and text not in used)
        self.store.put("machine", f"addresses in {network.name}", used | {chosen})
        mac = "02:42:" + ":".join(f"{int(part):02x}" for part in chosen.split("."))
        return replace(endpoint, address=chosen, mac=mac)

    def _addresses(self, network: str) -> frozenset[str]:
        return self.store.tables["machine"].get(f"addresses in {network}", frozenset())  # type: ignore[no-any-return]

    def join_networks(self, container: Container) -> Container:
        """Give ``container`` (Container), which is about to run, its addresses.

        Raises DockerError: a network, or the container whose network it shares, is not there; a port is taken.
        """
        if container.host.network.startswith("container:"):
            other = self.container(container.host.network.partition(":")[2])
            if not other.is_running:
                raise DockerError(f"cannot join network of a non running container: {other.id}")
        for name in container.networks:
            if name not in self.networks:
                raise DockerError(f"network {name} not found")
        self._check_ports(container)
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
        free = self._free_ports()
        for asked in (asked for text in publish for asked in publications(text)):
            place = f"{asked.address}:{asked.host or next(free)}"
            published[asked.port] = (*published.get(asked.port, ()), place)
        exposed = [text if "/" in text else f"{text}/tcp" for text in (*expose, *(config.get("ExposedPorts") or {}))]
        for port in sorted(exposed):
            if port not in published:
                published[port] = (f"{ANY}:{next(free)}",) if publish_all else ()
        return published

    def _free_ports(self) -> Iterator[int]:
        """Yield the ports of the host that no container has asked for, from the first that is handed out (int)."""
        taken = {place.rpartition(":")[2] for container in self.containers.values() for place in _places(container)}
        yield from (number for number in range(FIRST_PORT, 61000) if str(number) not in taken)

    def _check_ports(self, container: Container) -> None:
        """Refuse ports of the host that a running container has.  Raises DockerError."""
        if not _places(container):
            return
        running = [other for other in self.containers.values() if other.is_running and other.id != container.id]
        taken = {place for other in running for place in _places(other)}
        for place in _places(container):
            address, _colon, port = place.rpartition(":")
            if place in taken or (f"{ANY}:{port}" in taken and address == ANY):
                raise DockerError(
                    f"driver failed programming external connectivity on endpoint {container.name} "
                    f"({self.new_id()}): Bind for {place} failed: port is already allocated"  # the endpoint's own id
                )


def _check_place(network: Network, place: Endpoint) -> None:
    """Refuse an address or other names than the container's id where docker gives none.  Raises DockerError.

    Rule: moby, daemon/container_operations.go, updateNetworkConfig.
    """
    if place.wanted and network.name in PREDEFINED:
        raise DockerError("user specified IP address is supported on user defined networks only")
    if place.aliases[:-1] and network.name in PREDEFINED:
        raise DockerError("network-scoped alias is supported only for containers in user defined networks")
    if place.wanted and not network.is_chosen:
        raise DockerError(
            "user specified IP address is supported only when connecting to networks with user configured subnets"
        )


def _is_inside(address: str, subnet: str) -> bool:
    """Tell whether ``address`` (str) is an IPv4 address in ``subnet`` (str; bool)."""
    try:
        return ipaddress.IPv4Address(address) in ipaddress.ip_network(subnet, strict=False)
    except ValueError:
        return False


def _places(container: Container) -> list[str]:
    return [place for places in container.host.ports.values() for place in places]


def _gateway(subnet: str) -> str:
    return str(next(iter(ipaddress.ip_network(subnet, strict=False).hosts()))) if subnet else ""
