"""``docker inspect``: all that the engine knows of an object, as the document that docker prints."""

from typing import Any

from course.engine.archives import Archives
from course.engine.container_documents import (
    NEVER,
    PREDEFINED,
    endpoint,
    host_config,
    mount,
    network_settings,
    run_config,
    state,
)
from course.engine.dates import date
from course.engine.files import Files
from course.engine.listing import Listing
from course.engine.records import Container, Network, StoredImage, Volume
from course.errors import DockerError
from course.union.overlay2_names import graph_driver

VERSION = "20.10.24"  # whose words and documents the engine has
OF_BRIDGE = {
    "com.docker.network.bridge.default_bridge": "true",
    "com.docker.network.bridge.enable_icc": "true",
    "com.docker.network.bridge.enable_ip_masquerade": "true",
    "com.docker.network.bridge.host_binding_ipv4": "0.0.0.0",  # noqa: S104 (to be shown)
    "com.docker.network.bridge.name": "docker0",
    "com.docker.network.driver.mtu": "1500",
}
"""What docker says of the network that it makes itself."""
KINDS = ("container", "image", "network", "volume")


class Inspecting(Archives, Files, Listing):
    """Tells all about containers, images, networks and volumes."""

    def inspect(self, *names: str, type: str = "") -> list[dict[str, Any]]:  # noqa: A002 (docker's own name)
        """Return the document of each object (list of dict), whatever it is; ``type`` says what it has to be (str).

        Raises DockerError: there is no such object.

        >>> from course.engine.engine import Engine
        >>> engine = Engine(seed=0)
        >>> _ = engine.create("base:1", "true", name="box")
        >>> engine.inspect("box")[0]["State"]["Status"]
        'created'
        """
        if type and type not in KINDS:
            raise DockerError(f'"{type}" is not a valid value for --type')
        return self.each(names, lambda name: self._inspect(name, (type,) if type else KINDS))

    def _inspect(self, name: str, kinds: tuple[str, ...]) -> dict[str, Any]:
        looks = {
            "container": lambda: self.container_document(self.container(name)),
            "image": lambda: self.image_document(self.image(name)),
            "network": lambda: self.network_document(self.network(name)),
            "volume": lambda: self.volume_document(self.volume(name)),
        }
        for kind in kinds:
            try:
                return looks[kind]()
            except DockerError as error:
                if str(error).startswith("Multiple IDs"):
                    raise
        kind = "object" if len(kinds) > 1 else kinds[0]
        raise DockerError(f"No such {kind}: {name}")

    def container_document(self, container: Container) -> dict[str, Any]:
        """Return what docker knows of ``container`` (Container), as it prints it (dict)."""
        folder = f"{self.root}/containers/{container.id}"
        args = container.args
        was_started = bool(container.state.started or container.state.error)
        return {
            "Id": container.id,
            "Created": date(container.created),
            "Path": args[0],
            "Args": list(args[1:]),
            "State": state(container),
            "Image": container.image,
            "ResolvConfPath": f"{folder}/resolv.conf" if was_started else "",
            "HostnamePath": f"{folder}/hostname" if was_started else "",
            "HostsPath": f"{folder}/hosts" if was_started else "",
            "LogPath": f"{folder}/{container.id}-json.log" if was_started else "",
            "Name": f"/{container.name}",
            "RestartCount": container.state.restarts,
            "Driver": "overlay2",
            "Platform": "linux",
            **dict.fromkeys(("MountLabel", "ProcessLabel", "AppArmorProfile"), ""),
            "ExecIDs": None,
            "HostConfig": host_config(container),
            "GraphDriver": graph_driver(container.layers, container.id, self.root),
            "Mounts": [mount(point) for point in container.mounts if point.destination not in container.host.tmpfs],
            "Config": run_config(container.config, container.image_name),
            "NetworkSettings": network_settings(container, self.networks),
        }

    def image_document(self, stored: StoredImage) -> dict[str, Any]:
        """Return what docker knows of an image (StoredImage), as it prints it (dict)."""
        config, names = stored.image.config, self.names_of(stored.id)
        return {
            "Id": stored.id,
            "RepoTags": [name for name in names if "@" not in name],
            "RepoDigests": [name for name in names if "@" in name],
            "Parent": stored.parent,
            "Comment": config.history[-1].comment if config.history else "",
            "Created": config.created or NEVER,
            "Container": stored.container,
            "DockerVersion": VERSION if stored.container or stored.parent else "",
            "Author": config.author,
            "Config": run_config(config.run, str(config.run.get("Image", ""))) | _no_labels(stored),
            "Architecture": config.architecture,
            "Os": config.os,
            "Size": stored.image.size,
            "VirtualSize": stored.image.size,
            "GraphDriver": graph_driver(stored.image.layers, root=self.root),
            "RootFS": {"Type": "layers", "Layers": list(config.diff_ids)},
            "Metadata": {"LastTagTime": date(stored.tagged) if stored.tagged and names else NEVER},
        }

    def network_document(self, network: Network) -> dict[str, Any]:
        """Return what docker knows of ``network`` (Network), as it prints it (dict)."""
        pool = [{"Subnet": network.subnet, "Gateway": network.gateway}] if network.subnet else []
        return {
            "Name": network.name,
            "Id": network.id,
            "Created": date(network.created),
            "Scope": "local",
            "Driver": network.driver,
            "EnableIPv6": False,
            "IPAM": {"Driver": "default", "Options": None if network.name in PREDEFINED else {}, "Config": pool},
            "Internal": network.internal,
            "Attachable": False,
            "Ingress": False,
            "ConfigFrom": {"Network": ""},
            "ConfigOnly": False,
            "Containers": {
                container.id: {
                    "Name": container.name,
                    "EndpointID": endpoint(container, network.name),
                    "MacAddress": container.networks[network.name].mac,
                    "IPv4Address": _with_prefix(container.networks[network.name].address, network.subnet),
                    "IPv6Address": "",
                }
                for container in self.members(network.name)
            },
            "Options": dict(OF_BRIDGE) if network.name == "bridge" else {},
            "Labels": dict(network.labels),
        }

    def volume_document(self, volume: Volume) -> dict[str, Any]:
        """Return what docker knows of ``volume`` (Volume), as it prints it (dict)."""
        return {
            "CreatedAt": date(volume.created),
            "Driver": volume.driver,
            "Labels": volume.labels if volume.labels is None else dict(volume.labels),
            "Mountpoint": self.source_of(volume),
            "Name": volume.name,
            "Options": volume.options if volume.options is None else dict(volume.options),
            "Scope": "local",
        }


def _no_labels(stored: StoredImage) -> dict[str, Any]:
    """Return what an image without labels says of them (dict): nothing, if it is not of a container."""
    return {"Labels": None} if not stored.container and not stored.image.config.run.get("Labels") else {}


def _with_prefix(address: str, subnet: str) -> str:
    return f"{address}/{subnet.partition('/')[2]}" if address else ""
