"""What ``docker inspect`` says of how a container runs: every property that docker 20.10 prints, in its order.

What the course does not simulate has the value that docker gives it when nobody has asked for anything.
"""

import re
from collections.abc import Mapping
from typing import Any

from course.engine.dates import date
from course.engine.records import Container, MountPoint, Network, Status
from course.union.overlay2_names import derived

NEVER = "0001-01-01T00:00:00Z"
ANY, ANY_IPV6 = "0.0.0.0", "::"  # noqa: S104 (addresses to be shown)
ANONYMOUS = re.compile(r"[0-9a-f]{64}")
PREDEFINED = ("bridge", "host", "none")
OF_PLACE = (
    "EndpointID Gateway GlobalIPv6Address GlobalIPv6PrefixLen IPAddress IPPrefixLen IPv6Gateway MacAddress"
).split()
"""What is said of the place in the network `bridge` twice."""
MASKED = "asound acpi kcore keys latency_stats timer_list timer_stats sched_debug scsi".split()
READ_ONLY = "bus fs irq sys sysrq-trigger".split()


def state(container: Container) -> dict[str, Any]:
    """Return what a container is doing (dict)."""
    now = container.state
    return {
        "Status": now.status.value,
        "Running": now.status.is_running,
        "Paused": now.status is Status.PAUSED,
        "Restarting": now.status is Status.RESTARTING,
        "OOMKilled": False,
        "Dead": now.status is Status.DEAD,
        "Pid": now.pid,
        "ExitCode": now.exit_code,
        "Error": now.error,
        "StartedAt": date(now.started) if now.started else NEVER,
        "FinishedAt": date(now.finished) if now.finished else NEVER,
    }


def run_config(run: Mapping[str, Any], image: str) -> dict[str, Any]:
    """Return how something is ``run`` (mapping) as the part "Config" of a document (dict), also what says nothing.

    ``image`` is what the image was called by (str).
    """
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


def host_config(container: Container) -> dict[str, Any]:
    """Return what of a container is the host's business (dict).  Rule: moby, api/types/container/host_config.go."""
    host = container.host
    policy, _colon, count = host.restart.partition(":")
    asked = {} if host.publish_all else {port: _asked(hosts) for port, hosts in host.ports.items() if hosts}
    return {
        "Binds": list(host.binds) or None,
        "ContainerIDFile": "",
        "LogConfig": {"Type": "json-file", "Config": {}},
        "NetworkMode": host.network,
        "PortBindings": asked,
        "RestartPolicy": {"Name": policy, "MaximumRetryCount": int(count or 0)},
        "AutoRemove": host.auto_remove,
        "VolumeDriver": "",
        "VolumesFrom": list(host.volumes_from) or None,
        "CapAdd": list(host.cap_add) or None,
        "CapDrop": list(host.cap_drop) or None,
        "CgroupnsMode": "private",
        **{name: [] for name in ("Dns", "DnsOptions", "DnsSearch")},
        "ExtraHosts": list(host.extra_hosts) or None,
        "GroupAdd": None,
        "IpcMode": "private",
        "Cgroup": "",
        "Links": None,
        "OomScoreAdj": 0,
        "PidMode": "",
        "Privileged": host.privileged,
        "PublishAllPorts": host.publish_all,
        "ReadonlyRootfs": host.read_only,
        "SecurityOpt": ["label=disable"] if host.privileged else None,
        **({"Tmpfs": dict(host.tmpfs)} if host.tmpfs else {}),
        "UTSMode": "",
        "UsernsMode": "",
        "ShmSize": 64 << 20,
        "Runtime": "runc",
        "ConsoleSize": [0, 0],
        "Isolation": "",
        **_resources(container),
        "MaskedPaths": None if host.privileged else [*(f"/proc/{name}" for name in MASKED), "/sys/firmware"],
        "ReadonlyPaths": None if host.privileged else [f"/proc/{name}" for name in READ_ONLY],
        **({"Init": True} if host.init else {}),
    }


def _resources(container: Container) -> dict[str, Any]:
    host = container.host
    return {
        "CpuShares": 0,
        "Memory": host.memory,
        "NanoCpus": round(host.cpus * 1e9),
        "CgroupParent": "",
        "BlkioWeight": 0,
        "BlkioWeightDevice": [],
        **{f"BlkioDevice{name}": None for name in ("ReadBps", "WriteBps", "ReadIOps", "WriteIOps")},
        **{f"Cpu{name}": 0 for name in ("Period", "Quota", "RealtimePeriod", "RealtimeRuntime")},
        "CpusetCpus": "",
        "CpusetMems": "",
        "Devices": [],
        "DeviceCgroupRules": None,
        "DeviceRequests": None,
        "KernelMemory": 0,
        "KernelMemoryTCP": 0,
        "MemoryReservation": host.memory_reservation,
        "MemorySwap": host.memory_swap,
        "MemorySwappiness": None,
        "OomKillDisable": False,
        "PidsLimit": host.pids_limit or None,
        "Ulimits": None,
        **dict.fromkeys(("CpuCount", "CpuPercent", "IOMaximumIOps", "IOMaximumBandwidth"), 0),
    }


def _asked(hosts: tuple[str, ...]) -> list[dict[str, str]]:
    parts = (place.rpartition(":") for place in hosts)
    return [{"HostIp": "" if address == ANY else address, "HostPort": port} for address, _colon, port in parts]


def _bound(hosts: tuple[str, ...]) -> list[dict[str, str]] | None:
    """Return where a port is published (list of dict): what is open to all is so by IPv6, too."""
    bound = []
    for place in hosts:
        address, _colon, port = place.rpartition(":")
        for each in (address, ANY_IPV6) if address == ANY else (address,):
            bound.append({"HostIp": each, "HostPort": port})
    return bound or None


def mount(point: MountPoint) -> dict[str, Any]:
    """Return one mount of a container (dict)."""
    is_volume = point.kind == "volume"
    is_shared = is_volume and point.is_copied_into and not ANONYMOUS.fullmatch(point.name)
    return {
        "Type": point.kind,
        **({"Name": point.name} if is_volume else {}),
        "Source": point.source,
        "Destination": point.destination,
        **({"Driver": "local"} if is_volume else {}),
        "Mode": point.mode or ("z" if is_shared else ""),
        "RW": not point.read_only,
        "Propagation": "rprivate" if point.kind == "bind" else "",
    }


def network_settings(container: Container, networks: Mapping[str, Network]) -> dict[str, Any]:
    """Return a container's places in ``networks`` (dict): addresses only while it runs."""
    places = {name: _place(container, name, networks.get(name)) for name in container.networks}
    first = places.get("bridge") or dict.fromkeys(OF_PLACE, "") | {"GlobalIPv6PrefixLen": 0, "IPPrefixLen": 0}
    running, sandbox = container.is_running, derived("sandbox", container.id) if container.state.started else ""
    return {
        "Bridge": "",
        "SandboxID": sandbox,
        "HairpinMode": False,
        "LinkLocalIPv6Address": "",
        "LinkLocalIPv6PrefixLen": 0,
        "Ports": {port: _bound(hosts) for port, hosts in container.host.ports.items()} if running else {},
        "SandboxKey": f"/var/run/docker/netns/{sandbox[:12]}" if sandbox else "",
        "SecondaryIPAddresses": None,
        "SecondaryIPv6Addresses": None,
        **{name: first[name] for name in OF_PLACE},
        "Networks": places,
    }


def endpoint(container: Container, network: str) -> str:
    """Return the id of a container's place in a ``network`` (str), which it has while it runs."""
    return derived("endpoint", f"{container.id}/{network}") if container.is_running else ""


def _place(container: Container, name: str, network: Network | None) -> dict[str, Any]:
    place = container.networks[name]
    there = network is not None and bool(network.subnet and place.address)
    return {
        "IPAMConfig": {"IPv4Address": place.wanted} if place.wanted else None,
        "Links": None,
        "Aliases": None if name in PREDEFINED else list(place.aliases),
        "NetworkID": network.id if network and container.state.started else "",
        "EndpointID": endpoint(container, name),
        "Gateway": network.gateway if network and there else "",
        "IPAddress": place.address,
        "IPPrefixLen": int(network.subnet.partition("/")[2]) if network and there else 0,
        "IPv6Gateway": "",
        "GlobalIPv6Address": "",
        "GlobalIPv6PrefixLen": 0,
        "MacAddress": place.mac,
        "DriverOpts": None,
    }
