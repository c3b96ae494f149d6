"""``docker inspect``: all that the engine knows of an object, as the document that docker prints."""

from collections.abc import Mapping
from typing import Any

from course.engine.archives import Archives
from course.engine.dates import date
from course.engine.files import Files
from course.engine.listing import Listing
from course.engine.networks import Networks
from course.engine.records import Container, Network, Status, StoredImage, Volume
from course.engine.volumes import SOURCE
from course.errors import DockerError

NEVER = "0001-01-01T00:00:00Z"
ROOT = "/var/lib/docker"
KINDS = ("container", "image", "network", "volume")


class Inspecting(Networks, Files, Archives, Listing):
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
        folder = f"{ROOT}/containers/{container.id}"
        args = container.args
        was_started = bool(container.state.started or container.state.error)
        return {
            "Id": container.id,
            "Created": date(container.created),
            "Path": args[0],
            "Args": list(args[1:]),
            "State": _state(container),
            "Image": container.image,
            "ResolvConfPath": f"{folder}/resolv.conf" if was_started else "",
            "HostnamePath": f"{folder}/hostname" if was_started else "",
            "HostsPath": f"{folder}/hosts" if was_started else "",
            "LogPath": f"{folder}/{container.id}-json.log" if was_started else "",
            "Name": f"/{container.name}",
            "RestartCount": container.state.restarts,
            "Driver": "overlay2",
            "Platform": "linux",
            "HostConfig": _host_config(container),
            "Mounts": [_mount(point) for point in container.mounts],
            "Config": _config(container.config, container.image_name),
            "NetworkSettings": self._network_settings(container),
        }

    def _network_settings(self, container: Container) -> dict[str, Any]:
        places = {}
        for name, place in container.networks.items():
            network = self.networks.get(name)
            there = bool(place.address)
            places[name] = {
                "Aliases": list(place.aliases) if name not in ("bridge", "host", "none") else None,
                "NetworkID": network.id if network else "",
                "Gateway": network.gateway if network and there else "",
                "IPAddress": place.address,
                "IPPrefixLen": int(network.subnet.partition("/")[2]) if network and there else 0,
                "MacAddress": place.mac,
            }
        first = places.get("bridge", {"Gateway": "", "IPAddress": "", "IPPrefixLen": 0, "MacAddress": ""})
        running = container.is_running
        return {
            "Ports": {port: _bindings(hosts) for port, hosts in container.host.ports.items()} if running else {},
            **{key: first[key] for key in ("Gateway", "IPAddress", "IPPrefixLen", "MacAddress")},
            "Networks": places,
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
            "Author": config.author,
            "Config": _config(config.run, ""),
            "Architecture": config.architecture,
            "Os": config.os,
            "Size": stored.image.size,
            "VirtualSize": stored.image.size,
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
            "IPAM": {"Driver": "default", "Options": {}, "Config": pool},
            "Internal": network.internal,
            "Attachable": False,
            "Ingress": False,
            "Containers": {
                container.id: {
                    "Name": container.name,
                    "MacAddress": container.networks[network.name].mac,
                    "IPv4Address": _with_prefix(container.networks[network.name].address, network.subnet),
                }
                for container in self.members(network.name)
            },
            "Options": {},
            "Labels": dict(network.labels),
        }

    def volume_document(self, volume: Volume) -> dict[str, Any]:
        """Return what docker knows of ``volume`` (Volume), as it prints it (dict)."""
        return {
            "CreatedAt": date(volume.created),
            "Driver": volume.driver,
            "Labels": volume.labels if volume.labels is None else dict(volume.labels),
            "Mountpoint": SOURCE.format(name=volume.name),
            "Name": volume.name,
            "Options": volume.options if volume.options is None else dict(volume.options),
            "Scope": "local",
        }


def _state(container: Container) -> dict[str, Any]:
    state = container.state
    return {
        "Status": state.status.value,
        "Running": state.status.is_running,
        "Paused": state.status is Status.PAUSED,
        "Restarting": state.status is Status.RESTARTING,
        "OOMKilled": False,
        "Dead": state.status is Status.DEAD,
        "Pid": state.pid,
        "ExitCode": state.exit_code,
        "Error": state.error,
        "StartedAt": date(state.started) if state.started else NEVER,
        "FinishedAt": date(state.finished) if state.finished else NEVER,
    }


def _host_config(container: Container) -> dict[str, Any]:
    host = container.host
    policy, _colon, count = host.restart.partition(":")
    return {
        "Binds": list(host.binds) or None,
        "NetworkMode": host.network,
        "PortBindings": {port: _bindings(hosts) for port, hosts in host.ports.items() if hosts},
        "RestartPolicy": {"Name": policy, "MaximumRetryCount": int(count or 0)},
        "AutoRemove": host.auto_remove,
        "VolumesFrom": list(host.volumes_from) or None,
        "CapAdd": list(host.cap_add) or None,
        "CapDrop": list(host.cap_drop) or None,
        "ExtraHosts": list(host.extra_hosts) or None,
        "Privileged": host.privileged,
        "ReadonlyRootfs": host.read_only,
        "Tmpfs": dict(host.tmpfs) or None,
        "Memory": host.memory,
        "MemorySwap": host.memory_swap,
        "MemoryReservation": host.memory_reservation,
        "NanoCpus": round(host.cpus * 1e9),
        "PidsLimit": host.pids_limit or None,
        "Init": host.init or None,
    }


def _bindings(hosts: tuple[str, ...]) -> list[dict[str, str]] | None:
    parts = (place.rpartition(":") for place in hosts)
    return [{"HostIp": address, "HostPort": port} for address, _colon, port in parts] or None


def _mount(point: Any) -> dict[str, Any]:
    named = {"Name": point.name, "Driver": "local"} if point.kind == "volume" else {}
    return {
        "Type": point.kind,
        **named,
        "Source": point.source,
        "Destination": point.destination,
        "Mode": "ro" if point.read_only else "",
        "RW": not point.read_only,
        "Propagation": "rprivate" if point.kind == "bind" else "",
    }


def _config(run: Mapping[str, Any], image: str) -> dict[str, Any]:
    """Return the part "Config" of a document (dict): every property that docker prints, also those that say nothing."""
    flags = ("AttachStdin", "AttachStdout", "AttachStderr")
    document: dict[str, Any] = {"Hostname": run.get("Hostname", ""), "Domainname": "", "User": run.get("User", "")}
    document |= {flag: bool(run.get(flag)) for flag in flags}
    if run.get("ExposedPorts"):
        document["ExposedPorts"] = run["ExposedPorts"]
    document |= {"Tty": bool(run.get("Tty")), "OpenStdin": bool(run.get("OpenStdin"))}
    document["StdinOnce"] = bool(run.get("OpenStdin")) and bool(run.get("AttachStdin"))
    document |= {"Env": list(run.get("Env") or []), "Cmd": run.get("Cmd") or None}
    if run.get("Healthcheck"):
        names = ("Test", "Interval", "Timeout", "StartPeriod", "Retries")
        document["Healthcheck"] = {name: run["Healthcheck"][name] for name in names if name in run["Healthcheck"]}
    if run.get("ArgsEscaped"):
        document["ArgsEscaped"] = True
    document |= {
        "Image": image,
        "Volumes": run.get("Volumes") or None,
        "WorkingDir": run.get("WorkingDir", ""),
        "Entrypoint": run.get("Entrypoint") or None,
        "OnBuild": run.get("OnBuild") or None,
        "Labels": dict(run.get("Labels") or {}),
    }
    document |= {name: run[name] for name in ("StopSignal", "StopTimeout", "Shell") if run.get(name) is not None}
    return document


def _with_prefix(address: str, subnet: str) -> str:
    return f"{address}/{subnet.partition('/')[2]}" if address else ""
